/**
 * The panel, drawn from the session into a shadow root of its own.
 *
 * Text of people is only ever set as text, never as markup. Lines are added, not redrawn, so that a
 * screen reader (role="log") says each once and a selection survives.
 */
import { TEXT_MAX, type Topic } from "./frames.ts";
import { isOpening, type Line, type Pending, type Session } from "./session.ts";
import { STYLE } from "./style.ts";
import type { Texts } from "./texts.ts";

export interface Look {
  title: string;
  color: string;
  position: string;
  language: string;
}

export interface Acts {
  opened(): void;
  shut(): void;
  write(text: string): void;
  choose(topic: string): void;
  typing(): void;
  end(): void;
  introduce(name: string, email: string): void;
}

type Attributes = Record<string, string>;

const ICONS = {
  chat: "M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z",
  shut: "M5 5l14 14M19 5L5 19",
  leave: "M10 4H5v16h5M15 8l4 4-4 4M9 12h10",
  send: "M3 20l18-8L3 4v6l12 2-12 2z",
};

function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function icon(path: string): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(space, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

/** Return the text with web addresses as links. */
function linked(text: string): (Node | string)[] {
  return text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}。，；：！？）】])/u).map((part, index) =>
    index % 2
      ? make("a", { href: part, target: "_blank", rel: "noopener noreferrer nofollow" }, part)
      : part,
  );
}

export class View {
  private readonly host: HTMLElement;
  private readonly badge = make("span", { class: "badge" });
  private readonly launch: HTMLButtonElement;
  private readonly panel: HTMLElement;
  private readonly status = make("p", { class: "status" });
  private readonly banner = make("p", { class: "banner", role: "status" });
  private readonly list = make("ol");
  private readonly log: HTMLElement;
  private readonly note = make("p", { class: "note", "aria-live": "polite" });
  private readonly leave: HTMLButtonElement;
  private readonly details: HTMLFormElement;
  private readonly topics: HTMLElement;
  private readonly input: HTMLTextAreaElement;
  private readonly send: HTMLButtonElement;
  private readonly states = new Map<HTMLElement, HTMLElement>();
  private readonly waiting = new Map<string, HTMLElement>();
  private shown = { conversation: "", number: 0, author: "" };

  constructor(
    look: Look,
    private readonly texts: Texts,
    private readonly acts: Acts,
  ) {
    this.host = make("div", { lang: look.language, "data-position": look.position });
    if (look.color && CSS.supports("color", look.color)) {
      this.host.style.setProperty("--accent", look.color);
    }
    const title = look.title || texts.title;
    this.launch = make(
      "button",
      { class: "launch", type: "button", "aria-expanded": "false", "aria-controls": "panel" },
      icon(ICONS.chat),
      make("span", {}, texts.open),
      this.badge,
    );
    this.leave = make(
      "button",
      { class: "icon", type: "button", "aria-label": texts.end, title: texts.end },
      icon(ICONS.leave),
    );
    const shut = make(
      "button",
      { class: "icon", type: "button", "aria-label": texts.close, title: texts.close },
      icon(ICONS.shut),
    );
    this.log = make(
      "div",
      { class: "log", role: "log", "aria-label": texts.log, "aria-live": "polite", tabindex: "0" },
      make("p", { class: "note" }, texts.greeting),
      this.list,
      this.note,
    );
    this.details = this.detailsForm();
    this.topics = make("div", { class: "topics", role: "group", "aria-label": texts.topics });
    this.input = make("textarea", {
      rows: "1",
      maxlength: String(TEXT_MAX),
      placeholder: texts.placeholder,
      "aria-label": texts.placeholder,
    });
    this.send = make(
      "button",
      { class: "send", type: "submit", "aria-label": texts.send, title: texts.send },
      icon(ICONS.send),
    );
    const write = make("form", { class: "write" }, this.input, this.send);
    this.panel = make(
      "section",
      { class: "panel", id: "panel", role: "dialog", "aria-label": title },
      make("header", {}, make("div", {}, make("h2", {}, title), this.status), this.leave, shut),
      this.banner,
      this.log,
      this.details,
      this.topics,
      write,
    );
    this.panel.hidden = true;
    this.listen(shut, write);
    this.mount();
  }

  get isOpen(): boolean {
    return !this.panel.hidden;
  }

  /** Show the session as it is now. */
  show(session: Session): void {
    const { texts } = this;
    this.badge.hidden = session.unread === 0;
    this.badge.textContent = String(session.unread);
    this.badge.setAttribute("aria-label", texts.unread(session.unread));
    this.status.textContent = session.agent || "";
    this.banner.textContent = this.bannerText(session);
    this.banner.hidden = this.banner.textContent === "";
    const going = session.state === "waiting" || session.state === "active";
    this.leave.hidden = !going;
    this.details.hidden = session.open && session.endReason !== "refused";
    this.showTopics(isOpening(session) ? session.topics : [], session.topic);
    this.input.disabled = this.send.disabled = session.link === "refused";
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    this.showLines(session);
    const note = this.noteText(session);
    if (this.note.textContent !== note) this.note.textContent = note;
    if (atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  private bannerText(session: Session): string {
    if (session.link === "refused") return this.texts.unknownSite;
    if (session.link === "down") return this.texts.offline;
    if (session.link === "connecting" && session.pending.length) return this.texts.connecting;
    return session.open ? "" : this.texts.closed;
  }

  private noteText(session: Session): string {
    const { texts } = this;
    const name = session.agent || texts.agent;
    switch (session.state) {
      case "opening":
        return texts.opening;
      case "waiting":
        return session.place ? texts.waiting(session.place) : texts.opening;
      case "active":
        return session.typing ? texts.typing(name) : texts.joined(name);
      case "ended":
        return session.endReason === "refused" ? texts.refused : texts.ended;
      case "none":
        return "";
    }
  }

  private showTopics(topics: Topic[], chosen: string): void {
    this.topics.hidden = topics.length === 0;
    if (this.topics.dataset["keys"] !== topics.map(({ key }) => key).join()) {
      this.topics.dataset["keys"] = topics.map(({ key }) => key).join();
      this.topics.replaceChildren(...topics.map((topic) => this.topicButton(topic)));
    }
    for (const button of this.topics.children) {
      const key = (button as HTMLElement).dataset["key"];
      button.setAttribute("aria-pressed", String(key === chosen));
    }
  }

  private topicButton({ key, label }: Topic): HTMLButtonElement {
    const button = make("button", { type: "button", "data-key": key }, label);
    button.addEventListener("click", () => {
      this.acts.choose(key);
      this.input.focus();
    });
    return button;
  }

  private showLines(session: Session): void {
    if (session.conversation !== this.shown.conversation) {
      this.shown = { conversation: session.conversation, number: 0, author: "" };
      this.list.replaceChildren();
      this.states.clear();
      this.waiting.clear();
    }
    const pending = new Set(session.pending.map((line) => line.ref));
    for (const [ref, row] of this.waiting) {
      if (pending.has(ref)) continue;
      row.remove();
      this.waiting.delete(ref);
    }
    for (const line of session.lines) {
      if (line.number > this.shown.number) this.addLine(line);
    }
    for (const line of session.pending) this.showPending(line);
    this.showRead(session);
  }

  private addLine(line: Line): void {
    const own = line.author === "visitor";
    const row = make("li", { class: own ? "own" : line.author });
    if (line.author === "agent" && this.shown.author !== "agent") {
      row.append(make("span", { class: "who" }, line.name || this.texts.agent));
    }
    row.append(make("span", { class: "hush" }, own ? `${this.texts.you}: ` : ""));
    row.append(make("span", { class: "text" }, ...linked(line.text)));
    if (own) this.states.set(row, make("span", { class: "state" }));
    row.dataset["number"] = String(line.number);
    const [first] = this.waiting.values();
    this.list.insertBefore(row, first ?? null);
    this.shown.number = line.number;
    this.shown.author = line.author;
  }

  private showPending(line: Pending): void {
    let row = this.waiting.get(line.ref);
    if (!row) {
      row = make("li", {}, make("span", { class: "text" }, line.text));
      row.append(make("span", { class: "state" }));
      this.waiting.set(line.ref, row);
      this.list.append(row);
      this.log.scrollTop = this.log.scrollHeight;
    }
    row.className = line.failed ? "own failed" : "own sending";
    const { texts } = this;
    const why = line.failed === "chat.text_too_long" ? texts.tooLong : texts.failed;
    const state = row.lastElementChild;
    if (state) state.textContent = line.failed ? why : texts.sending;
  }

  /** Say "sent" or "read" below the visitor's last line only: below each it is noise. */
  private showRead(session: Session): void {
    const last = [...this.states.keys()].at(-1);
    for (const [row, state] of this.states) {
      if (row !== last) {
        state.remove();
        continue;
      }
      const read = Number(row.dataset["number"]) <= session.agentRead;
      state.textContent = read ? this.texts.read : this.texts.sent;
      if (!state.isConnected) row.append(state);
    }
  }

  private detailsForm(): HTMLFormElement {
    const { texts } = this;
    const name = make("input", {
      "aria-label": texts.name,
      placeholder: texts.name,
      autocomplete: "name",
      maxlength: "200",
    });
    const email = make("input", {
      "aria-label": texts.email,
      placeholder: texts.email,
      autocomplete: "email",
      type: "email",
      maxlength: "320",
    });
    const save = make("button", { class: "plain", type: "submit" }, texts.save);
    const form = make("form", { class: "details" }, name, email, save);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.acts.introduce(name.value, email.value);
      save.textContent = texts.saved;
    });
    form.addEventListener("input", () => (save.textContent = texts.save));
    return form;
  }

  private listen(shut: HTMLButtonElement, write: HTMLFormElement): void {
    this.launch.addEventListener("click", () => this.open());
    shut.addEventListener("click", () => this.close());
    this.leave.addEventListener("click", () => this.acts.end());
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.close();
    });
    write.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("keydown", (event) => {
      // While an input method composes (Chinese), Enter chooses a word.
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
    });
    this.input.addEventListener("input", () => {
      this.fit();
      this.acts.typing();
    });
  }

  private submit(): void {
    const text = this.input.value.trim();
    if (!text || this.input.disabled) return;
    this.input.value = "";
    this.fit();
    this.acts.write(text);
  }

  private fit(): void {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  private open(): void {
    this.panel.hidden = false;
    this.launch.hidden = true;
    this.launch.setAttribute("aria-expanded", "true");
    this.log.scrollTop = this.log.scrollHeight;
    this.input.focus();
    this.acts.opened();
  }

  private close(): void {
    this.panel.hidden = true;
    this.launch.hidden = false;
    this.launch.setAttribute("aria-expanded", "false");
    this.launch.focus();
    this.acts.shut();
  }

  private mount(): void {
    const root = this.host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.append(this.launch, this.panel);
    document.body.append(this.host);
  }
}
