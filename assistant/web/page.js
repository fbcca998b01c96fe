() => {
  const refused = document.querySelector("#note .note");
  if (!refused) document.querySelector("#conversation .turn:last-child")?.scrollIntoView();
  // With a touch keyboard, focus would cover the reply that has just come.
  if (matchMedia("(pointer: fine)").matches) {
    document.querySelector("#question textarea")?.focus({ preventScroll: true });
  }
}
