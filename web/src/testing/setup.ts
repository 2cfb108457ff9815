/** What every test starts from: translations, matchers, the browser parts jsdom lacks. */
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";
import { showLanguage, startTranslations } from "@/lib/i18n";

startTranslations("en");
// Machines that run everything at once are slow; what is found is found at once all the same.
configure({
  asyncUtilTimeout: 5000,
  getElementError: (message) => new Error(message?.split("\n")[0] ?? "not found"),
});

beforeEach(() => showLanguage("en"));
afterEach(() => cleanup());

// Mantine asks for these; jsdom has no layout.
window.matchMedia = (query: string) =>
  ({
    matches: false,
    media: query,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    dispatchEvent: () => false,
  }) as MediaQueryList;

class NoResizeObserver implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
window.ResizeObserver = NoResizeObserver;
Element.prototype.scrollIntoView = () => undefined;
Object.defineProperty(document, "fonts", { value: new EventTarget() });
