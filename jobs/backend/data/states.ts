// The states that households are drawn into: the fifty and the District of Columbia.

export interface State {
  /** Two letters, lower case, as in paths. */
  code: string;
  /** Residents on 1 April 2020: U.S. Census Bureau, 2020 Census Apportionment Results, Table 2, "Resident Population for the 50 States". */
  population: number;
  /** First and last three-digit ZIP prefix: U.S. Postal Service, L002 "3-Digit ZIP Code Prefix Matrix"; not every one is in use. */
  prefixes: [first: number, last: number];
}

const state = (code: string, population: number, first: number, last: number): State => ({
  code,
  population,
  prefixes: [first, last],
});

/** Sorted by code. */
export const STATES: readonly State[] = [
  state("ak", 733_391, 995, 999),
  state("al", 5_024_279, 350, 369),
  state("ar", 3_011_524, 716, 729),
  state("az", 7_151_502, 850, 865),
  state("ca", 39_538_223, 900, 961),
  state("co", 5_773_714, 800, 816),
  state("ct", 3_605_944, 60, 69),
  state("dc", 689_545, 200, 205),
  state("de", 989_948, 197, 199),
  state("fl", 21_538_187, 320, 349),
  state("ga", 10_711_908, 300, 319),
  state("hi", 1_455_271, 967, 968),
  state("ia", 3_190_369, 500, 528),
  state("id", 1_839_106, 832, 838),
  state("il", 12_812_508, 600, 629),
  state("in", 6_785_528, 460, 479),
  state("ks", 2_937_880, 660, 679),
  state("ky", 4_505_836, 400, 427),
  state("la", 4_657_757, 700, 714),
  state("ma", 7_029_917, 10, 27),
  state("md", 6_177_224, 206, 219),
  state("me", 1_362_359, 39, 49),
  state("mi", 10_077_331, 480, 499),
  state("mn", 5_706_494, 550, 567),
  state("mo", 6_154_913, 630, 658),
  state("ms", 2_961_279, 386, 397),
  state("mt", 1_084_225, 590, 599),
  state("nc", 10_439_388, 270, 289),
  state("nd", 779_094, 580, 588),
  state("ne", 1_961_504, 680, 693),
  state("nh", 1_377_529, 30, 38),
  state("nj", 9_288_994, 70, 89),
  state("nm", 2_117_522, 870, 884),
  state("nv", 3_104_614, 889, 898),
  state("ny", 20_201_249, 100, 149),
  state("oh", 11_799_448, 430, 459),
  state("ok", 3_959_353, 734, 749),
  state("or", 4_237_256, 970, 979),
  state("pa", 13_002_700, 150, 196),
  state("ri", 1_097_379, 28, 29),
  state("sc", 5_118_425, 290, 299),
  state("sd", 886_667, 570, 577),
  state("tn", 6_910_840, 370, 385),
  state("tx", 29_145_505, 750, 799),
  state("ut", 3_271_616, 840, 847),
  state("va", 8_631_393, 220, 246),
  state("vt", 643_077, 50, 59),
  state("wa", 7_705_281, 980, 994),
  state("wi", 5_893_718, 530, 549),
  state("wv", 1_793_716, 247, 268),
  state("wy", 576_851, 820, 831),
];

/** Residents of all of them: 331,449,281. */
export const POPULATION = STATES.reduce((sum, { population }) => sum + population, 0);
