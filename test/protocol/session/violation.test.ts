// What follows from what a peer does wrong, by its code.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  invariant,
  Judge,
  Violation,
  type ViolationCode,
  violations,
} from "../../../src/protocol/session/violation.js";

const codes = Object.keys(violations) as ViolationCode[];

for (const code of codes) {
  test(`${code} ends the ${violations[code]}`, () => {
    const ending = new Judge().endingFor(new Violation(code, "it did"), 3);
    if (violations[code] === "link") assert.equal(ending, undefined);
    else {
      const said = code === "abuse" ? "abuse" : "protocol";
      assert.deepEqual(ending, { by: "remote", code: said, reason: "it did" });
    }
  });
}

test("a second violation at the same place ends the session, whatever the two were", () => {
  const judge = new Judge();
  assert.equal(judge.endingFor(new Violation("gap", "once"), 3), undefined);
  const ending = { by: "remote", code: "protocol", reason: "twice" };
  assert.deepEqual(judge.endingFor(new Violation("type", "twice"), 3), ending);
});

test("a violation at the very beginning counts as well", () => {
  const judge = new Judge();
  judge.endingFor(new Violation("gap", "once"), 0);
  assert.notEqual(judge.endingFor(new Violation("gap", "twice"), 0), undefined);
});

test("violations at different places end links only", () => {
  const judge = new Judge();
  for (const received of [0, 1, 2, 1]) {
    assert.equal(judge.endingFor(new Violation("malformed", "again"), received), undefined);
  }
});

test("a mistake of our own ends the session in our name", () => {
  const judge = new Judge();
  const reason = "a session has lost count: of frames";
  assert.throws(() => invariant(false, "of frames"), { message: reason });
  assert.deepEqual(judge.endingFor(new Error(reason), 0), { by: "local", code: "aborted", reason });
  assert.deepEqual(judge.endingFor("thrown", 0), { by: "local", code: "aborted", reason: "thrown" });
  invariant(true, "nothing");
});
