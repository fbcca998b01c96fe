() => {
  // What the page does in the browser. The server sends every word; here they are only put in their place.
  const find = (selector, within = document) => within.querySelector(selector);
  const words = JSON.parse(find("#words").dataset.words);
  const turns = find(".turns");
  const side = find(".reader-body");
  const place = find(".note-place");
  const wide = matchMedia("(min-width: 68rem)");
  const touch = matchMedia("(pointer: coarse)");
  let waiting = null; // the question that no reply has come to yet
  let opener = null; // what in the conversation the article was opened from
  let wanted = null; // the last place asked for
  let checking = null; // the passage that is being checked
  let lost = false; // the connection to the server

  const box = () => find("#question textarea");
  const piece = (html) => document.createRange().createContextualFragment(html);
  const say = (text) => (find("#said").textContent = text);

  function make(tag, name, text = "") {
    const element = document.createElement(tag);
    element.className = name;
    element.textContent = text;
    return element;
  }

  function write(text) {
    box().value = text;
    box().dispatchEvent(new Event("input", { bubbles: true }));
  }

  function focusBox() {
    // With a touch keyboard, focus would cover the reply that has just come.
    if (!touch.matches) box().focus({ preventScroll: true });
  }

  // Asking.

  function asking(_, talk, view) {
    // What stands in the box: what Gradio has of it can be a keystroke behind.
    const question = box().value;
    waiting = question;
    place.replaceChildren();
    say("");
    document.body.classList.add("asking");
    const pending = make("article", "pending");
    const heading = make("h2", "question");
    heading.dir = "auto";
    heading.append(make("bdi", "", question));
    pending.append(heading, make("p", "busy", words.busy));
    find(".busy", pending).setAttribute("role", "status");
    turns.append(pending);
    if (question.trim()) pending.scrollIntoView();
    write("");
    return [question, talk, wide.matches ? "wide" : view];
  }

  function settled() {
    document.body.classList.remove("asking");
    find(".pending")?.remove();
    waiting = null;
    focusBox();
  }

  function replied(message) {
    if (waiting === null) return; // stopped before it came
    if (!message?.turn) return refused(message ? message.refused : words.no_reply, !message);
    const turn = piece(message.turn).firstElementChild;
    find(".pending").replaceWith(turn);
    settled();
    say(message.said);
    if (!message.side) return;
    opener = find("a.open", turn);
    wanted = null;
    show(message.side);
    toPlace(false);
  }

  function refused(text, again) {
    const question = waiting;
    settled();
    if (!box().value) write(question);
    const note = make("p", "note", text);
    note.setAttribute("role", "alert");
    place.replaceChildren(note);
    if (!again) return;
    const retry = make("button", "tool", words.retry);
    retry.type = "button";
    retry.dataset.act = "retry";
    note.append(" ", retry);
  }

  function stopped() {
    if (waiting !== null) refused(words.stopped, true);
  }

  // Gradio closes the stream of replies when none is due. One that is asked for at that very moment would come
  // only with the next event: hence one that does nothing.
  const due = () => waiting !== null || checking || side.hasAttribute("aria-busy");
  let overdue = 0;
  setInterval(() => {
    overdue = due() ? overdue + 1 : 0;
    if (overdue % 4 === 2) window.tellServer("check", { query: "" });
  }, 1000);

  // After a lost connection Gradio sends nothing more until the page is loaded anew, and tells of it only by
  // a notice of its own, which is not shown.
  new MutationObserver((changes) => {
    const added = changes.flatMap((change) => [...change.addedNodes]);
    const isError = (node) => node.matches?.(".toast-body.error") || node.querySelector?.(".toast-body.error");
    if (waiting !== null && added.some(isError)) setTimeout(lose, 200);
  }).observe(document.body, { childList: true, subtree: true });

  function lose() {
    if (waiting === null) return; // another error, which was told already
    lost = true;
    refused(words.no_reply, true);
  }

  function beforeSending(event) {
    const byKey = event.key === "Enter" && !event.shiftKey && event.target === box();
    const byButton = event.type === "click" && event.target.closest?.("#send");
    if (!byKey && !byButton) return;
    if (waiting === null && !lost) return;
    // One question at a time: what is typed meanwhile stays in the box.
    event.preventDefault();
    event.stopPropagation();
    if (lost) loadAnew(box().value);
  }

  function loadAnew(question) {
    history.replaceState({ question }, "");
    location.reload();
  }

  function ask(question) {
    if (lost) return loadAnew(question);
    write(question);
    find("#send").click();
  }

  function cleared() {
    turns.replaceChildren();
    place.replaceChildren();
    say("");
    write("");
    focusBox();
    scrollTo(0, 0);
    return [];
  }

  // Reading.

  function started(message) {
    if (!message) return;
    find(".examples-place").replaceChildren(piece(message.examples));
    show(message.side);
    if (find("#shown") || (location.search.includes("article=") && !wide.matches)) toPlace(false);
    focusBox();
    const question = history.state?.question;
    if (!question) return;
    history.replaceState(null, "");
    ask(question);
  }

  function open(query, source = null) {
    if (lost) return location.assign(query || location.pathname);
    opener = source;
    wanted = query;
    history.replaceState(null, "", query || location.pathname);
    side.setAttribute("aria-busy", "true");
    window.tellServer("read", { query });
  }

  function opened(message) {
    if (message && message.query !== wanted) return; // another was asked for since, or a reply has come
    if (message) show(message.side);
    else show(make("p", "reader-note", words.unreadable).outerHTML);
    toPlace(true);
  }

  function show(html) {
    side.removeAttribute("aria-busy");
    side.replaceChildren(piece(html));
    const back = find("[data-act=back]", side);
    if (back) back.hidden = !opener;
    document.body.classList.toggle("reading", Boolean(find(".article", side)));
  }

  function toPlace(byHand) {
    const shown = find("#shown");
    const title = find("#side-title");
    if (wide.matches) side.scrollTop = shown ? topWithin(shown) - side.clientHeight / 4 : 0;
    else (shown || title)?.scrollIntoView({ block: shown ? "center" : "start" });
    if (byHand) (shown || title)?.focus({ preventScroll: true });
  }

  const topWithin = (element) =>
    element.getBoundingClientRect().top - side.getBoundingClientRect().top + side.scrollTop;

  function goTo(link) {
    const heading = find(link.getAttribute("href"), side);
    heading.tabIndex = -1;
    if (wide.matches) side.scrollTop = topWithin(heading) - 16;
    else heading.scrollIntoView();
    heading.focus({ preventScroll: true });
  }

  function back() {
    history.replaceState(null, "", location.pathname);
    const source = opener;
    source?.closest(".extract").scrollIntoView({ block: "nearest" });
    source?.focus({ preventScroll: true });
  }

  function search(input) {
    const wanted = input.value.toLowerCase().split(/\s+/);
    let left = 0;
    for (const entry of side.querySelectorAll(".articles > li")) {
      entry.hidden = !wanted.every((word) => entry.dataset.words.includes(word));
      left += !entry.hidden;
    }
    find(".nothing", side).hidden = left > 0;
  }

  // Taking away and checking.

  async function take(button, text) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      done = takeTheOldWay(text);
    }
    const before = button.textContent;
    button.textContent = done ? words.copied : words.not_copied;
    button.classList.toggle("done", done);
    say(button.textContent);
    setTimeout(() => {
      button.textContent = before;
      button.classList.remove("done");
    }, 2500);
  }

  function takeTheOldWay(text) {
    // Over plain http to another machine, browsers have no other clipboard.
    const field = make("textarea", "for-ears");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }

  function check(button) {
    const extract = button.closest(".extract");
    const shown = find(".proof, .reader-note", extract);
    button.setAttribute("aria-expanded", String(!shown));
    if (shown) return shown.remove();
    checking = extract;
    window.tellServer("check", { query: find("a.open", extract).search });
  }

  async function checked(message) {
    const extract = checking;
    if (!extract || message?.query === "") return;
    checking = null;
    const html = message ? message.proof : "";
    extract.append(html ? piece(html) : make("p", "reader-note", words.unreadable));
    const proof = find(".proof", extract);
    const own = proof && (await sha256(find(".passage", extract).textContent));
    if (own) {
      const same = own === proof.dataset.sha256;
      find(".verdict", proof).append(" ", same ? words.page_same : words.page_other);
      if (!same) proof.dataset.found = "other";
    }
    say(find(".verdict, .reader-note", extract).textContent);
  }

  async function sha256(text) {
    if (!crypto.subtle) return null; // over plain http to another machine
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Saying if it helped.

  let judging = null; // where it was said

  function judge(button) {
    judging = button.closest(".feedback");
    const number = Number(judging.dataset.number);
    for (const other of judging.querySelectorAll("button")) other.disabled = true;
    window.tellServer("judge", { number, verdict: button.dataset.verdict });
  }

  function judged(message) {
    const thanks = make("p", "stored", message ? message.thanks : words.feedback_lost);
    judging?.replaceChildren(thanks);
    judging = null;
    say(thanks.textContent);
    focusBox();
  }

  // The size of the text is all that the browser keeps, and only once it was chosen.

  function larger(on) {
    document.documentElement.classList.toggle("larger", on);
    find("[data-act=larger]").setAttribute("aria-pressed", String(on));
  }

  function switchSize() {
    const on = !document.documentElement.classList.contains("larger");
    larger(on);
    if (on) localStorage.setItem("larger", "yes");
    else localStorage.removeItem("larger");
  }

  const acts = {
    ask: (button) => ask(button.textContent),
    change: (button) => {
      write(find(".question bdi", button.closest(".turn")).textContent);
      box().focus();
    },
    retry: () => ask(box().value),
    copy: (button) => {
      const extract = button.closest(".extract");
      take(button, `${extract.dataset.copy}\n${find("a.open", extract).href}`);
    },
    check,
    verdict: judge,
    link: (link) => take(link, link.href),
    goto: goTo,
    shelf: () => open(""),
    back,
    larger: switchSize,
    skip: () => box().focus(),
    "see-articles": () => {
      find("#side").scrollIntoView();
      find("#side-title")?.focus({ preventScroll: true });
    },
  };

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab is wanted
    const target = event.target.closest?.("[data-act], a.open");
    if (!target) return;
    event.preventDefault();
    if (target.dataset.act) acts[target.dataset.act](target);
    else open(target.search, target.closest(".turn") && target);
  });
  document.addEventListener("input", (event) => {
    if (event.target.closest(".search")) search(event.target);
  });
  for (const kind of ["keydown", "click"]) document.addEventListener(kind, beforeSending, true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (waiting !== null) find("#stop").click();
    else if (event.target.closest?.(".reader")) back();
  });

  if (localStorage.getItem("larger")) larger(true);
  window.articlesPage = { started, asking, replied, stopped, cleared, opened, checked, judged };
  return [location.search];
}
