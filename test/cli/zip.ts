import zlib from "node:zlib";

export interface ZipMember {
  readonly name: string;
  readonly data: Uint8Array;
  readonly method?: "stored" | "deflated";
  /** Values that replace the true ones. */
  readonly declared?: { readonly byteLength?: number; readonly crc?: number; readonly compressedLength?: number };
}

/** Returns a zip archive of these members, as Python's zipfile writes it. */
export function zipBytes(members: readonly ZipMember[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method = "deflated", declared = {} } of members) {
    const packed = method === "stored" ? data : zlib.deflateRawSync(data);
    const fileName = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0); // version needed
    fields.writeUInt16LE(method === "stored" ? 0 : 8, 4);
    fields.writeUInt32LE(declared.crc ?? zlib.crc32(data), 10);
    fields.writeUInt32LE(declared.compressedLength ?? packed.byteLength, 14);
    fields.writeUInt32LE(declared.byteLength ?? data.byteLength, 18);
    fields.writeUInt16LE(fileName.byteLength, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields, fileName, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, place, fileName]));
    parts.push(local);
    offset += local.byteLength;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(central.byteLength, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, central, Buffer.from("PK\x05\x06", "latin1"), end]);
}
