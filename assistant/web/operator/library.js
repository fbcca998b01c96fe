// Everything works without this script; it only says sooner what is going on.

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.textContent = form.dataset.busy;
    // Not at once: a button that is disabled while the form is sent would not be sent.
    setTimeout(() => { button.disabled = true; });
  });
}

for (const drop of document.querySelectorAll(".drop")) {
  const input = drop.querySelector("input");
  const chosen = drop.querySelector(".chosen");
  const name = () => {
    const names = [...input.files].map((file) => file.name).join(", ");
    chosen.textContent = names ? drop.dataset.chosen.replace("{names}", names) : "";
  };
  input.addEventListener("change", name);
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const kind of ["dragleave", "drop"]) {
    drop.addEventListener(kind, () => drop.classList.remove("over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    name();
  });
}

const card = document.querySelector("#progress");
if (card) {
  const bar = card.querySelector("#bar");
  const look = async () => {
    try {
      const reply = await fetch(card.dataset.url);
      const now = await reply.json();
      if (!now.running) {
        location.reload();
        return;
      }
      const phase = card.querySelector("#phase");
      if (phase.textContent !== now.words) phase.textContent = now.words;
      card.querySelector("#count").textContent = now.total ? `${now.done} / ${now.total}` : "";
      if (now.counting) {
        bar.max = now.total;
        bar.value = now.done;
      } else {
        bar.removeAttribute("value");
      }
    } catch {
      // The server may be busy for a moment; the next look will tell.
    }
    setTimeout(look, 500);
  };
  setTimeout(look, 300);
}
