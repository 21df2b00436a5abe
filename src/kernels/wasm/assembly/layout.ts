// Where values stand in memory.

/** Bytes of so many 4-byte values. */
export function bytes(floats: i32): usize {
  return (<usize>floats) << 2;
}

/** The address of element `index` of an array of 4-byte values. */
export function at(base: usize, index: i32): usize {
  return base + bytes(index);
}

export function roundUp(value: i32, multiple: i32): i32 {
  return ((value + multiple - 1) / multiple) * multiple;
}
