import { describe, expect, it } from "vitest";
import { stateKey } from "./agent-state";

describe("the words for an agent's state", () => {
  it("tell who looks at a contact from who dials it", () => {
    expect(stateKey("dialing", "preview")).toBe("agentState.preview");
    expect(stateKey("dialing", "")).toBe("agentState.dialing");
  });
  it("leave the reason of a break to others", () => {
    expect(stateKey("break", "preview")).toBe("agentState.break");
  });
});
