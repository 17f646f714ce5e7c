// The co-operative's data: every table with its columns, types, units and where they come from. `prepare` writes by it, the
// workflows read by it, README.md describes it.

/** Types of columns, DuckDB's and Parquet's. Times are UTC without a zone. */
export type ColumnType = "BIGINT" | "INTEGER" | "DOUBLE" | "VARCHAR" | "BOOLEAN" | "DATE" | "TIMESTAMP";

/**
 * Where values come from: `source` as in the source's files, `joined` put together from the source's values alone, `derived`
 * made by `prepare` because the source has nothing of the kind.
 */
export type Origin = "source" | "joined" | "derived";

export interface Column {
  name: string;
  type: ColumnType;
  origin: Origin;
  /** May be NULL; what NULL means is said in `meaning`. */
  nullable: boolean;
  meaning: string;
}

export interface Table {
  name: string;
  /** Partitioned by state: `<name>/state=xx/part-NNN.parquet`, with a file for every state; else `<name>.parquet`. */
  byState: boolean;
  description: string;
  columns: readonly Column[];
  /** Columns that are unique together. */
  key: readonly string[];
  /** Columns of the order of rows in a file; total, so that a file's bytes depend on the content alone. */
  order: readonly string[];
}

type Definition = [name: string, type: ColumnType | `${ColumnType}?`, origin: Origin, meaning: string];

function table(
  name: string,
  byState: boolean,
  description: string,
  columns: Definition[],
  key: string[],
  order: string[] = key,
): Table {
  return {
    name,
    byState,
    description,
    key,
    order,
    columns: columns.map(([column, type, origin, meaning]) => ({
      name: column,
      type: type.replace("?", "") as ColumnType,
      nullable: type.endsWith("?"),
      origin,
      meaning,
    })),
  };
}

const HOUSEHOLD: Definition = ["household_id", "BIGINT", "source", "household; copy c of `--scale` adds c × 10,000"];
const TITLE: Definition = ["title", "VARCHAR", "source", "department, as in titles"];
const PROMOTION: Definition = ["promotion_id", "VARCHAR", "joined", "`<title's folder>-<campaign_id>`"];

export const HOUSEHOLDS = table(
  "households",
  true,
  "Households with their demographics, where known.",
  [
    HOUSEHOLD,
    ["source_household_id", "BIGINT", "source", "the source's household that this one is a copy of; itself at scale 1"],
    ["zip", "VARCHAR", "derived", "five-digit ZIP code of the household's state"],
    ["age", "VARCHAR?", "source", "age band of the head, years; NULL: unknown"],
    ["income", "VARCHAR?", "source", "income band, thousand USD a year; NULL: unknown"],
    ["home_ownership", "VARCHAR?", "source", "Homeowner, Renter, Probable …; NULL: unknown"],
    ["marital_status", "VARCHAR?", "source", "Married, Unmarried; NULL: unknown"],
    ["household_size", "VARCHAR?", "source", "persons, `5+` for five or more; NULL: unknown"],
    ["household_comp", "VARCHAR?", "source", "adults and whether there are children; NULL: unknown"],
    ["kids_count", "VARCHAR?", "source", "children, `3+` for three or more; NULL: unknown"],
    ["has_demographics", "BOOLEAN", "joined", "whether the source knows the household's demographics"],
  ],
  ["household_id"],
);

export const PEOPLE = table(
  "people",
  true,
  "The adults of each household: names, addresses and e-mails, all invented.",
  [
    ["person_id", "BIGINT", "derived", "household_id × 10 + 1 or 2"],
    HOUSEHOLD,
    ["first_name", "VARCHAR", "derived", "given name"],
    ["last_name", "VARCHAR", "derived", "family name"],
    ["street", "VARCHAR", "derived", "house number and street; one per household"],
    ["unit", "VARCHAR?", "derived", "flat or suite; NULL: none"],
    ["city", "VARCHAR", "derived", "one per ZIP code"],
    ["zip", "VARCHAR", "derived", "the household's"],
    ["email", "VARCHAR?", "derived", "at a domain reserved for examples; NULL: not given"],
  ],
  ["person_id"],
);

export const IDENTITIES = table(
  "identities",
  true,
  "A second, noisy source of the same people, as registrations at a web shop; partitioned by the state that the record says.",
  [
    ["record_id", "VARCHAR", "derived", "16 hexadecimal digits that tell nothing of the person"],
    ["first_name", "VARCHAR?", "derived", "may be a nickname or mistyped; NULL: left out"],
    ["last_name", "VARCHAR", "derived", "may be mistyped"],
    ["street", "VARCHAR?", "derived", "may be mistyped, or the one after a move; NULL: left out"],
    ["unit", "VARCHAR?", "derived", "NULL: none or left out"],
    ["city", "VARCHAR?", "derived", "NULL: left out"],
    ["zip", "VARCHAR?", "derived", "NULL: left out"],
    ["email", "VARCHAR?", "derived", "NULL: left out"],
    ["registered_on", "DATE", "derived", "day of the registration"],
  ],
  ["record_id"],
);

export const TRUTH = table(
  "truth",
  true,
  "Who is who in identities, and what was done to each record. For tests: no workflow may read it.",
  [
    ["record_id", "VARCHAR", "derived", "record in identities (same state)"],
    ["person_id", "BIGINT?", "derived", "person in people; NULL: a stranger who is no one in people"],
    ["duplicate", "BOOLEAN", "derived", "a second record of the same person"],
    ["typo", "BOOLEAN", "derived", "a name or the street is mistyped"],
    ["nickname", "BOOLEAN", "derived", "the first name is a nickname"],
    ["moved", "BOOLEAN", "derived", "another address than in people"],
    ["missing", "BOOLEAN", "derived", "a part was left out that people has"],
  ],
  ["record_id"],
);

export const PRODUCTS = table(
  "products",
  false,
  "Products.",
  [
    ["product_id", "BIGINT", "source", "product"],
    TITLE,
    ["manufacturer_id", "BIGINT", "source", "manufacturer"],
    ["brand", "VARCHAR", "source", "National, Private"],
    ["product_category", "VARCHAR?", "source", "category; NULL: unknown"],
    ["product_type", "VARCHAR?", "source", "type; NULL: unknown"],
    ["package_size", "VARCHAR?", "source", "size and unit; NULL: unknown"],
  ],
  ["product_id"],
);

export const TITLES = table(
  "titles",
  false,
  "Titles: the departments that products belong to, with what was sold.",
  [
    TITLE,
    ["folder", "VARCHAR", "joined", "name of the title's folder below `/mnt/data/prod` (`titleFolder`)"],
    ["products", "BIGINT", "joined", "products of the title"],
    ["buyers", "BIGINT", "joined", "households that have bought from it"],
    ["baskets", "BIGINT", "joined", "baskets with something of it"],
    ["sales_value", "DOUBLE", "joined", "sales, USD"],
    ["promotions", "BIGINT", "joined", "mailings"],
    ["first_sale", "DATE?", "joined", "day of the first sale; NULL: none"],
    ["last_sale", "DATE?", "joined", "day of the last sale; NULL: none"],
  ],
  ["title"],
);

export const TRANSACTIONS = table(
  "transactions",
  true,
  "Lines of receipts.",
  [
    HOUSEHOLD,
    [TITLE[0], "VARCHAR?", "joined", "department of the product; NULL: the source does not know the product"],
    ["product_id", "BIGINT", "source", "product"],
    ["product_category", "VARCHAR?", "joined", "category of the product; NULL: unknown"],
    ["basket_id", "BIGINT", "source", "receipt; copy c of `--scale` adds c × 100,000,000,000"],
    ["store_id", "BIGINT", "source", "store"],
    ["quantity", "BIGINT", "source", "pieces (thousands of a gallon for fuel); 0 occurs"],
    ["sales_value", "DOUBLE", "source", "what the store received, USD"],
    ["retail_disc", "DOUBLE", "source", "discount of the loyalty card, USD, not negative"],
    ["coupon_disc", "DOUBLE", "source", "discount of a manufacturer's coupon, USD, not negative"],
    ["coupon_match_disc", "DOUBLE", "source", "the store's match of a coupon, USD, not negative"],
    ["transaction_timestamp", "TIMESTAMP", "source", "when, UTC"],
  ],
  ["basket_id", "product_id"],
  ["household_id", "transaction_timestamp", "basket_id", "product_id"],
);

export const PROMOTIONS = table(
  "promotions",
  true,
  "A title's mailing of a campaign: one row for each household that was mailed.",
  [
    PROMOTION,
    TITLE,
    ["campaign_id", "BIGINT", "source", "campaign"],
    ["campaign_type", "VARCHAR", "source", "Type A (chosen coupons), B, C (all coupons of the campaign)"],
    HOUSEHOLD,
    ["mail_date", "DATE", "source", "first day of the campaign, taken as the day of mailing"],
    ["end_date", "DATE", "source", "last day of the campaign"],
  ],
  ["promotion_id", "household_id"],
  ["household_id", "mail_date", "promotion_id"],
);

export const PROMOTION_PRODUCTS = table(
  "promotion_products",
  false,
  "The products of a mailing: those of the title for which the campaign has a coupon.",
  [PROMOTION, ["product_id", "BIGINT", "source", "product"]],
  ["promotion_id", "product_id"],
);

export const RESPONSES = table(
  "responses",
  true,
  "What households that were mailed did from the day of mailing to the campaign's last day.",
  [
    PROMOTION,
    TITLE,
    HOUSEHOLD,
    ["kind", "VARCHAR", "joined", "`redemption` of a coupon, or `purchase` of the mailing's products"],
    ["response_date", "DATE", "joined", "day of the response, UTC"],
    ["responses", "BIGINT", "joined", "coupons redeemed, or lines bought, that day"],
    [
      "sales_value",
      "DOUBLE?",
      "joined",
      "sales of the coupon's or the mailing's products that day, USD; NULL: none on record",
    ],
  ],
  ["promotion_id", "household_id", "kind", "response_date"],
  ["household_id", "response_date", "promotion_id", "kind"],
);

export const SITE_VISITS = table(
  "site_visits",
  true,
  "Visits of titles' sites, and the browse events in them. A visit with event 0 comes first, then its browse events from 1.",
  [
    ["visit_id", "VARCHAR", "derived", "16 hexadecimal digits, one per visit"],
    ["event", "INTEGER", "derived", "0 for the visit itself, then 1, 2, …"],
    HOUSEHOLD,
    [TITLE[0], "VARCHAR", "derived", "the title whose site it was"],
    ["kind", "VARCHAR", "derived", "`visit` or `browse`"],
    ["visited_at", "TIMESTAMP", "derived", "when, UTC"],
    ["pages", "INTEGER", "derived", "pages seen: of a visit, in all; of a browse event, 1"],
    ["product_category", "VARCHAR?", "derived", "category looked at; NULL for a visit, or when unknown"],
    ["bought", "BOOLEAN", "derived", "whether the title was bought within three days after (a basket of the source)"],
  ],
  ["visit_id", "event"],
  ["household_id", "visited_at", "visit_id", "event"],
);

export const OPT_OUTS = table(
  "opt_outs",
  false,
  "Households that want no mail.",
  [HOUSEHOLD, ["since", "DATE", "derived", "day from which on they are not to be mailed"]],
  ["household_id"],
);

/** Every table. */
export const TABLES: readonly Table[] = [
  HOUSEHOLDS,
  PEOPLE,
  IDENTITIES,
  TRUTH,
  PRODUCTS,
  TITLES,
  TRANSACTIONS,
  PROMOTIONS,
  PROMOTION_PRODUCTS,
  RESPONSES,
  SITE_VISITS,
  OPT_OUTS,
];
