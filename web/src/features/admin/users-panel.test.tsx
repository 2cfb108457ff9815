import { fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Refusal, fakeServer } from "@/testing/fake-server";
import { renderApp } from "@/testing/render";
import { UserForm } from "./users-panel";

const SAVED = {
  user_id: "u7",
  name: "Ben Field",
  email: "ben@example.com",
  roles: ["agent"],
  active: true,
};

afterEach(() => vi.unstubAllGlobals());

describe("the form of a user", () => {
  it("goes on with the user that was saved when the agent was refused at first", async () => {
    let refused = false;
    const asked = fakeServer({
      "GET /api/groups": [],
      "GET /api/skills": [],
      "POST /api/users": SAVED,
      "PATCH /api/users/u7": SAVED,
      "POST /api/agents": () => {
        if (refused) return SAVED;
        refused = true;
        return new Refusal(503, "acd.down");
      },
    });
    const onSaved = vi.fn();
    renderApp(<UserForm user={null} agent={null} onSaved={onSaved} />);
    const fill = (label: RegExp, value: string) =>
      fireEvent.change(screen.getByLabelText(label), { target: { value } });
    fill(/^Name/, SAVED.name);
    fill(/^E-mail address/, SAVED.email);
    fill(/^First password/, "long enough");
    const save = () => fireEvent.click(screen.getByRole("button", { name: "Save" }));
    save();
    await waitFor(() => expect(asked.map((one) => one.path)).toContain("/api/agents"));
    await waitFor(() => expect(screen.getByLabelText(/^E-mail address/)).toBeDisabled());
    expect(onSaved).not.toHaveBeenCalled();
    save();
    await waitFor(() => expect(onSaved).toHaveBeenCalled());
    const changes = asked.filter((one) => one.method !== "GET");
    expect(changes.map((one) => `${one.method} ${one.path}`)).toEqual([
      "POST /api/users",
      "POST /api/agents",
      "PATCH /api/users/u7",
      "POST /api/agents",
    ]);
  });
});
