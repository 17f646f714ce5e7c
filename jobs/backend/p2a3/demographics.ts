// The values of demographic columns in their natural order: a feature is the place of a household's value in its list, from 1.

/** A value that is not in its list counts as unknown, like NULL. */
export const DEMOGRAPHICS = {
  age: ["19-24", "25-34", "35-44", "45-54", "55-64", "65+"],
  income: [
    "Under 15K",
    "15-24K",
    "25-34K",
    "35-49K",
    "50-74K",
    "75-99K",
    "100-124K",
    "125-149K",
    "150-174K",
    "175-199K",
    "200-249K",
    "250K+",
  ],
  home_ownership: ["Renter", "Probable Renter", "Probable Homeowner", "Homeowner"],
  marital_status: ["Unmarried", "Married"],
  household_size: ["1", "2", "3", "4", "5+"],
  household_comp: ["1 Adult No Kids", "1 Adult Kids", "2 Adults No Kids", "2 Adults Kids"],
  kids_count: ["0", "1", "2", "3+"],
} as const;
