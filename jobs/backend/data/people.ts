// The adults of a household, invented: names, address and e-mail by Faker, from the household's number and its ZIP code.
import { base, en, en_US, Faker } from "@faker-js/faker";
import { KeyedRandom } from "./random.js";

export interface Address {
  street: string;
  /** Flat or suite; null: none. */
  unit: string | null;
  city: string;
  zip: string;
}

export interface Person extends Address {
  personId: number;
  householdId: number;
  sex: "female" | "male";
  firstName: string;
  lastName: string;
  email: string | null;
}

/** Of households whose composition is unknown, those with two adults (of those that are known, 453 of 801). */
const TWO_ADULTS = 0.57;
const SAME_LAST_NAME = 0.8;
const HAS_UNIT = 0.25;
const HAS_EMAIL = 0.85;

/** An invented address. @param key whole numbers that decide it */
export function addressOf(zip: string, ...key: number[]): Address {
  const { faker, random } = addressFaker;
  random.key(...key);
  const street = faker.location.streetAddress();
  const unit = random.chance(HAS_UNIT) ? faker.location.secondaryAddress() : null;
  return { street, unit, city: cityOf(zip), zip };
}

/** The city of a ZIP code: everyone who lives there lives in the same. */
export function cityOf(zip: string): string {
  cityFaker.random.key(Number(zip));
  return cityFaker.faker.location.city();
}

/**
 * The adults of a household.
 * @param composition `household_comp` of the source, which tells one adult from two; null when unknown
 */
export function peopleOf(householdId: number, zip: string, composition: string | null): Person[] {
  const address = addressOf(zip, householdId);
  const { faker, random } = peopleFaker;
  random.key(householdId);
  const two = composition === null ? random.chance(TWO_ADULTS) : composition.startsWith("2");
  const people: Person[] = [];
  for (let number = 1; number <= (two ? 2 : 1); number += 1) {
    const first = people[0];
    const sex = first ? (first.sex === "female" ? "male" : "female") : random.chance(0.5) ? "female" : "male";
    const firstName = faker.person.firstName(sex);
    const lastName = first && random.chance(SAME_LAST_NAME) ? first.lastName : faker.person.lastName();
    // Reserved domains: an invented address must not be anybody's.
    const email = random.chance(HAS_EMAIL) ? faker.internet.exampleEmail({ firstName, lastName }).toLowerCase() : null;
    people.push({ personId: householdId * 10 + number, householdId, sex, firstName, lastName, email, ...address });
  }
  return people;
}

/** A name of nobody in the data. @param key whole numbers that decide it */
export function strangerOf(zip: string, ...key: number[]): Omit<Person, "personId" | "householdId"> {
  const address = addressOf(zip, ...key, 1);
  const { faker, random } = strangerFaker;
  random.key(...key);
  const sex = random.chance(0.5) ? "female" : "male";
  const firstName = faker.person.firstName(sex);
  const lastName = faker.person.lastName();
  const email = faker.internet.exampleEmail({ firstName, lastName }).toLowerCase();
  return { ...address, sex, firstName, lastName, email };
}

const addressFaker = fakerFor("address");
const cityFaker = fakerFor("city");
const peopleFaker = fakerFor("people");
const strangerFaker = fakerFor("stranger");

function fakerFor(purpose: string) {
  const random = new KeyedRandom(purpose);
  // Faker wants to seed its numbers itself; here the key does.
  const randomizer = { next: () => random.next(), seed: () => undefined };
  return { random, faker: new Faker({ locale: [en_US, en, base], randomizer }) };
}
