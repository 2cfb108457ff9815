/** Bring the keyboard to the result form: to the chosen result, else to the first. */
export function focusResult(): void {
  const form = document.querySelector("[data-result]");
  const choice =
    form?.querySelector<HTMLElement>("input[type=radio]:checked") ??
    form?.querySelector<HTMLElement>("input[type=radio]");
  choice?.focus();
}
