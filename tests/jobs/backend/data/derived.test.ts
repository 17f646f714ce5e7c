import assert from "node:assert/strict";
import fc from "fast-check";
import { NICKNAMES } from "../../../../jobs/backend/data/nicknames.js";
import { RATES, registrationsOf } from "../../../../jobs/backend/data/noise.js";
import { checkStates, titleFolder } from "../../../../jobs/backend/data/paths.js";
import { type Person, peopleOf } from "../../../../jobs/backend/data/people.js";
import { KeyedRandom } from "../../../../jobs/backend/data/random.js";
import { residenceOf } from "../../../../jobs/backend/data/residence.js";
import { POPULATION, STATES } from "../../../../jobs/backend/data/states.js";

/** Asserts that so many of so many are as often as said, within four standard deviations. */
function assertRate(what: string, count: number, of: number, rate: number): void {
  const deviation = Math.sqrt(of * rate * (1 - rate));
  assert.ok(
    Math.abs(count - of * rate) <= 4 * deviation,
    `${what}: ${count} of ${of}, expected ${(of * rate).toFixed(0)} ± ${(4 * deviation).toFixed(0)}`,
  );
}

describe("numbers that a key decides", () => {
  it("are the same whatever was asked before, and others for another key or purpose", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.string(), (before, key, purpose) => {
        const random = new KeyedRandom(purpose);
        random.key(before).next();
        const first = random.key(key).next();
        assert.equal(new KeyedRandom(purpose).key(key).next(), first);
        assert.notEqual(random.key(key, 0).next(), first);
        assert.notEqual(new KeyedRandom(`${purpose}!`).key(key).next(), first);
        assert.ok(first >= 0 && first < 1);
      }),
    );
  });

  it("are spread evenly over keys that follow one another", () => {
    const random = new KeyedRandom("evenly");
    const tenths = new Array<number>(10).fill(0);
    for (let key = 0; key < 100_000; key += 1) (tenths[Math.floor(random.key(key).next() * 10)] as number) += 1;
    for (const count of tenths) assertRate("a tenth", count, 100_000, 0.1);
  });
});

describe("where households live", () => {
  it("sums to the census' population of the states", () => {
    assert.equal(POPULATION, 331_449_281);
    assert.equal(STATES.length, 51);
  });

  it("follows the census' shares", () => {
    const households = 200_000;
    const counts = new Map<string, number>();
    for (let id = 1; id <= households; id += 1) {
      const { code } = residenceOf(id).state;
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    for (const { code, population } of STATES)
      assertRate(code, counts.get(code) ?? 0, households, population / POPULATION);
  });

  it("has ZIP codes of the state, and no two states share one", () => {
    for (let id = 1; id <= 5000; id += 1) {
      const { state, zip } = residenceOf(id);
      assert.match(zip, /^\d{5}$/);
      const prefix = Number(zip.slice(0, 3));
      assert.ok(prefix >= state.prefixes[0] && prefix <= state.prefixes[1], `${zip} in ${state.code}`);
    }
    const ranges = STATES.map(({ prefixes }) => prefixes).sort(([a], [b]) => a - b);
    for (const [index, [first]] of ranges.entries()) assert.ok(index === 0 || first > (ranges[index - 1]?.[1] ?? 0));
  });
});

describe("people", () => {
  it("are one or two adults as the demographics say, at one address", () => {
    assert.equal(peopleOf(17, "94103", "1 Adult Kids").length, 1);
    const [first, second] = peopleOf(17, "94103", "2 Adults No Kids") as [Person, Person];
    assert.deepEqual([first.personId, second.personId], [171, 172]);
    assert.deepEqual(
      [first.street, first.unit, first.city, first.zip],
      [second.street, second.unit, second.city, "94103"],
    );
  });

  it("are the same whoever was made before", () => {
    const made = peopleOf(4711, "10001", null);
    peopleOf(1, "99501", null);
    assert.deepEqual(peopleOf(4711, "10001", null), made);
    assert.notDeepEqual(peopleOf(4712, "10001", null)[0]?.street, made[0]?.street);
  });

  it("have e-mails at reserved domains only", () => {
    for (let id = 1; id <= 2000; id += 1)
      for (const { email } of peopleOf(id, "60601", null))
        assert.match(email ?? "a@example.com", /^[^@\s]+@example\.(com|net|org)$/);
  });
});

describe("the noisy source of the same people", () => {
  const people: { person: Person; state: (typeof STATES)[number] }[] = [];
  before(() => {
    for (let id = 1; id <= 8000; id += 1) {
      const { state, zip } = residenceOf(id);
      for (const person of peopleOf(id, zip, null)) people.push({ person, state });
    }
  });
  const made = () =>
    people.flatMap(({ person, state }) => registrationsOf(person, state).map((made) => ({ person, state, ...made })));

  it("has the errors that it says, as often as it says", () => {
    const records = made();
    const own = records.filter(({ truth }) => truth.personId !== null);
    const first = own.filter(({ truth }) => !truth.duplicate);
    assertRate("registered", first.length, people.length, RATES.registered);
    assertRate("twice", own.length - first.length, first.length, RATES.duplicate);
    assertRate("strangers", records.length - own.length, people.length, RATES.stranger);
    for (const what of ["typo", "moved"] as const)
      assertRate(what, own.filter(({ truth }) => truth[what]).length, own.length, RATES[what]);
    const named = own.filter(({ person }) => NICKNAMES[person.firstName]);
    assertRate("nicknames", named.filter(({ truth }) => truth.nickname).length, named.length, RATES.nickname);
    const withEmail = own.filter(({ person }) => person.email !== null);
    const without = withEmail.filter(({ identity }) => identity.email === null);
    assertRate("no e-mail", without.length, withEmail.length, RATES.missingEmail);
    assertRate(
      "no address",
      own.filter(({ identity }) => identity.zip === null).length,
      own.length,
      RATES.missingAddress,
    );
    assertRate(
      "no first name",
      own.filter(({ identity }) => identity.firstName === null).length,
      own.length,
      RATES.missingFirstName,
    );
    const moved = own.filter(({ truth }) => truth.moved);
    const away = moved.filter(({ identity, state }) => identity.state.code !== state.code);
    // Whoever draws another state may draw the same.
    assert.ok(
      away.length > 0.2 * moved.length && away.length < 0.35 * moved.length,
      `${away.length} of ${moved.length}`,
    );
  });

  it("differs from the person where the truth says so, and nowhere else", () => {
    for (const { person, identity, truth, state } of made()) {
      if (truth.personId === null) continue;
      assert.equal(truth.personId, person.personId);
      const { typo, nickname, moved, missing } = truth;
      const nameDiffers = identity.firstName !== null && identity.firstName !== person.firstName;
      const streetDiffers = identity.street !== null && identity.street !== person.street;
      const lastDiffers = identity.lastName !== person.lastName;
      if (!typo && !nickname) assert.ok(!nameDiffers && !lastDiffers, JSON.stringify({ person, identity }));
      if (!typo && !moved) assert.ok(!streetDiffers && identity.state === state, JSON.stringify({ person, identity }));
      if (typo && !missing && !nickname && !moved)
        assert.ok(nameDiffers || lastDiffers || streetDiffers, JSON.stringify({ person, identity }));
      const lost = [identity.firstName, identity.zip, person.email === null ? "" : identity.email].includes(null);
      assert.equal(missing, lost);
      if (identity.email !== null) assert.equal(identity.email, person.email);
    }
  });

  it("gives records numbers that tell nothing of the person", () => {
    const ids = made().map(({ truth }) => truth.recordId);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
  });
});

describe("names in paths", () => {
  it("turns a title into a folder's name", () => {
    assert.equal(titleFolder("GROCERY"), "grocery");
    assert.equal(titleFolder("DRUG GM"), "drug-gm");
    assert.equal(titleFolder("TRAVEL & LEISURE"), "travel-leisure");
    assert.equal(titleFolder("CNTRL/STORE SUP"), "cntrl-store-sup");
  });

  it("takes states in any case, once each, and names those that are none", () => {
    assert.deepEqual(checkStates(["TX", "ca", " ny", "tx"]), ["ca", "ny", "tx"]);
    assert.throws(() => checkStates(["ca", "zz", "q"]), { name: "UsageError", message: /'q', 'zz'/ });
  });
});
