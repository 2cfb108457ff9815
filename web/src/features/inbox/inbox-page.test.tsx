import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MeRow, WorkRow } from "@/lib/types";
import { fakeServer, Refusal } from "@/testing/fake-server";
import { renderApp } from "@/testing/render";
import { meRow, workRow } from "@/testing/work-row";
import { InboxPage } from "./inbox-page";

const CODES = [
  { code: "sale", label_en: "Sale", label_zh: "成交", group: "sales", meaning: "success" },
  { code: "solved", label_en: "Solved", label_zh: "已解决", group: "service", meaning: "success" },
  { code: "none", label_en: "No result", label_zh: "无", group: "other", meaning: "neutral" },
];
const BREAKS = [
  { code: "lunch", label_en: "Lunch", label_zh: "午餐", group: "break", meaning: "neutral" },
];

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.unstubAllGlobals());

function inbox(work: WorkRow[], routes: Record<string, unknown> = {}, me: MeRow = meRow()) {
  const asked = fakeServer({
    "GET /api/dispositions": CODES,
    "GET /api/break-reasons": BREAKS,
    ...routes,
  });
  const view = renderApp(
    <Routes>
      <Route path="/inbox/:interactionId?" element={<InboxPage />} />
    </Routes>,
    "/inbox",
  );
  let seq = 1;
  const workChange = (row: WorkRow | null, key = row?.interaction_id) => ({
    table: "work",
    key,
    row,
  });
  act(() =>
    view.socket.say({
      op: "snapshot",
      topic: "desk",
      seq,
      rows: [{ table: "me", key: "u1", row: me }, ...work.map((row) => workChange(row))],
    }),
  );
  const change = (rows: object[]) =>
    act(() => view.socket.say({ op: "changes", topic: "desk", prev: seq, seq: (seq += 1), rows }));
  const posted = () => asked.filter(({ method }) => method !== "GET");
  return { ...view, posted, change, workChange };
}

const OFFER = workRow("o1", {
  state: "offered",
  medium: "voice",
  customer_name: "Grace Hopper",
  address: "+12025550100",
  accepted_at: null,
});

describe("inbox", () => {
  it("accepts an offer, and shows the call when it is there", async () => {
    const { posted, change, workChange } = inbox([OFFER], {
      "POST /api/interactions/o1/accept": undefined,
    });
    const card = screen.getByRole("group", { name: "Call from Grace Hopper" });
    await userEvent.click(within(card).getByRole("button", { name: "Accept" }));
    expect(posted()).toMatchObject([{ path: "/api/interactions/o1/accept" }]);
    change([workChange({ ...OFFER, state: "active", accepted_at: OFFER.offered_at })]);
    const conversation = await screen.findByTestId("conversation");
    expect(within(conversation).getByText("Connecting…")).toBeInTheDocument();
    expect(within(conversation).getByRole("button", { name: "Mute" })).toBeDisabled();
    change([
      workChange({ ...OFFER, state: "active", accepted_at: OFFER.offered_at, connected: true }),
    ]);
    expect(within(conversation).getByText("Recording")).toBeInTheDocument();
    expect(within(conversation).getByRole("button", { name: "Mute" })).toBeEnabled();
  });

  it("says when somebody else was quicker", async () => {
    inbox([OFFER], { "POST /api/interactions/o1/accept": new Refusal(409, "offer_gone") });
    await userEvent.click(screen.getByRole("button", { name: "Accept" }));
    expect(await screen.findByText(/This is no longer with you/)).toBeInTheDocument();
  });

  it("does not ask about an offer that is accepted by itself", () => {
    inbox([{ ...OFFER, auto_accept: true }]);
    expect(screen.queryByRole("button", { name: "Accept" })).not.toBeInTheDocument();
    expect(screen.getAllByText("Connecting…")).not.toHaveLength(0);
  });

  it("obeys the keyboard", async () => {
    const call = workRow("c1", { medium: "voice", connected: true, customer_name: "Grace" });
    const { posted } = inbox([OFFER, call], {
      "POST /api/interactions/o1/reject": undefined,
      "POST /api/calls/c1/hold": undefined,
      "POST /api/calls/c1/mute": undefined,
      "POST /api/interactions/c1/end": undefined,
    });
    await screen.findByTestId("conversation");
    await userEvent.keyboard("{Alt>}[KeyX][KeyH][KeyM][KeyQ]{/Alt}");
    await waitFor(() =>
      expect(posted().map(({ path, body }) => [path, body])).toEqual([
        ["/api/interactions/o1/reject", ""],
        ["/api/calls/c1/hold", { held: true }],
        ["/api/calls/c1/mute", { muted: true }],
        ["/api/interactions/c1/end", ""],
      ]),
    );
    await userEvent.keyboard("?");
    expect(await screen.findByText("Keyboard shortcuts")).toBeInTheDocument();
  });

  it("asks for a result before a conversation leaves the desk", async () => {
    const ended = workRow("c1", { state: "wrap_up", ended_at: OFFER.offered_at });
    const { posted } = inbox([ended], { "POST /api/interactions/c1/wrap-up": undefined });
    const form = await screen.findByTestId("result-form");
    const finish = within(form).getByRole("button", { name: "Finish" });
    expect(finish).toBeDisabled();
    await userEvent.click(await within(form).findByText("Solved"));
    expect(within(form).queryByText("No result")).not.toBeInTheDocument();
    await userEvent.type(within(form).getByLabelText("Note (optional)"), "All well");
    await userEvent.click(finish);
    expect(posted()[0]).toMatchObject({
      path: "/api/interactions/c1/wrap-up",
      body: { disposition: "solved", note: "All well" },
    });
  });

  it("takes the result by keyboard alone", async () => {
    const ended = workRow("c1", { state: "wrap_up", ended_at: OFFER.offered_at });
    const { posted } = inbox([ended], { "POST /api/interactions/c1/wrap-up": undefined });
    const form = await screen.findByTestId("result-form");
    const first = (await within(form).findAllByRole("radio"))[0];
    expect(first).toHaveFocus(); // nobody was typing anywhere
    await userEvent.tab({ shift: true });
    await userEvent.keyboard("{Alt>}s{/Alt}");
    expect(first).toHaveFocus();
    await userEvent.keyboard(" ");
    await userEvent.click(within(form).getByLabelText("Note (optional)"));
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(posted()).toHaveLength(1);
    expect(posted()[0]).toMatchObject({ body: { note: "" } });
  });

  it("keeps the note of a call that goes on", async () => {
    const call = workRow("c1", { medium: "voice", connected: true });
    const { change, workChange } = inbox([call]);
    await userEvent.type(await screen.findByLabelText("Note (optional)"), "Wants red");
    change([workChange({ ...call, state: "wrap_up", ended_at: OFFER.offered_at })]);
    expect(screen.getByLabelText("Note (optional)")).toHaveValue("Wants red");
  });

  it("shows a chat line at once, and says when it was not sent", async () => {
    let refuse = true;
    const { posted, change } = inbox([workRow("w1")], {
      "POST /api/interactions/w1/typing": undefined,
      "POST /api/interactions/w1/messages": () =>
        refuse ? new Refusal(409, "chat.ended") : { number: 1 },
    });
    const field = await screen.findByLabelText("Write a message");
    await userEvent.type(field, "Hello{Enter}");
    expect(field).toHaveValue("");
    const lines = screen.getByRole("log");
    expect(within(lines).getByText("Hello")).toBeInTheDocument();
    expect(await within(lines).findByText("Not sent")).toBeInTheDocument();
    refuse = false;
    await userEvent.click(within(lines).getByRole("button", { name: "Try again" }));
    const bodies = posted().filter(({ path }) => path.endsWith("/messages"));
    await waitFor(() => expect(within(lines).queryByText("Not sent")).not.toBeInTheDocument());
    const [first] = bodies as { body: { client_ref: string } }[];
    change([
      {
        table: "message",
        key: "w1:1",
        row: {
          interaction_id: "w1",
          number: 1,
          author: "agent",
          text: "Hello",
          at: OFFER.offered_at,
          client_ref: first?.body.client_ref,
        },
      },
    ]);
    expect(within(lines).getAllByText("Hello")).toHaveLength(1);
  });

  it("shows who is typing", async () => {
    const { socket } = inbox([workRow("w1")]);
    await screen.findByLabelText("Write a message");
    act(() => socket.say({ op: "hint", topic: "desk:u1", data: { typing: "other" } }));
    expect(screen.queryByText("The customer is typing…")).not.toBeInTheDocument();
    act(() => socket.say({ op: "hint", topic: "desk:u1", data: { typing: "w1" } }));
    expect(screen.getByText("The customer is typing…")).toBeInTheDocument();
  });

  it("offers to come back from a break, with its reason", async () => {
    const { posted } = inbox(
      [],
      { "POST /api/agent/state": undefined },
      meRow({ state: "break", reason: "lunch" }),
    );
    expect(await screen.findByText("Break · Lunch")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Back to work" }));
    expect(posted()[0]).toMatchObject({ body: { state: "ready", reason: "" } });
  });
});
