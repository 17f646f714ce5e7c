// A ZIP file ("APPNOTE.TXT", PKWARE) of members in memory, without times or other traces of the machine: equal members, equal bytes.
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipEntry {
  /** With `/` between folders. */
  path: string;
  content: Buffer;
  isExecutable?: boolean;
}

/** 1980-01-01, the earliest date that a ZIP file knows. */
const DATE = 0x21;
const DEFLATED = 8;
const STORED = 0;
const UTF8_NAMES = 0x800;
const VERSION_NEEDED = 20;
const MADE_ON_UNIX = (3 << 8) | VERSION_NEEDED;

/** Packs the members, ordered by path. @throws when they are more than the format without its 64-bit extension holds. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  if (entries.length > 0xffff)
    throw new Error(`an archive of ${entries.length} files is more than a ZIP file holds (65,535)`);
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of [...entries].sort((left, right) => (left.path < right.path ? -1 : 1))) {
    const name = Buffer.from(entry.path);
    const deflated = deflateRawSync(entry.content);
    const isSmaller = deflated.length < entry.content.length;
    const data = isSmaller ? deflated : entry.content;
    const common = commonFields(isSmaller ? DEFLATED : STORED, entry.content, data.length, name.length);
    const header = Buffer.concat([uint32(0x04034b50), common, uint16(0), name]);
    const mode = entry.isExecutable ? 0o100755 : 0o100644;
    central.push(
      // No comment, first disk, no internal attributes.
      Buffer.concat([
        uint32(0x02014b50),
        uint16(MADE_ON_UNIX),
        common,
        uint16(0, 0, 0, 0),
        uint32((mode << 16) >>> 0, offset),
        name,
      ]),
    );
    local.push(header, data);
    offset += header.length + data.length;
  }
  if (offset > 0xffffffff) throw new Error("an archive of more than 4 GiB is more than a ZIP file holds");
  const directory = Buffer.concat(central);
  const end = Buffer.concat([
    uint32(0x06054b50),
    uint16(0, 0, entries.length, entries.length),
    uint32(directory.length, offset),
    uint16(0),
  ]);
  return Buffer.concat([...local, directory, end]);
}

function commonFields(method: number, content: Buffer, packedLength: number, nameLength: number): Buffer {
  return Buffer.concat([
    uint16(VERSION_NEEDED, UTF8_NAMES, method, 0, DATE),
    uint32(crc32(content), packedLength, content.length),
    uint16(nameLength),
  ]);
}

function uint16(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => {
    buffer.writeUInt16LE(value, at * 2);
  });
  return buffer;
}

function uint32(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => {
    buffer.writeUInt32LE(value, at * 4);
  });
  return buffer;
}
