const BYTES_PER_ELEMENT = {
  bool: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16,
} as const

/**
 * The numpy element types that mean the same on every machine, by the names that `str(array.dtype)` gives them, which is
 * what NetGear and imagezmq write. Elements are little-endian, as on all machines that numpy is used on.
 */
export type Dtype = keyof typeof BYTES_PER_ELEMENT

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(BYTES_PER_ELEMENT, name)
}

/** The size of one element in bytes (1 to 16), or `undefined` for a name that is none of {@link Dtype}. */
export function bytesPerElement(dtype: string): number | undefined {
  return isDtype(dtype) ? BYTES_PER_ELEMENT[dtype] : undefined
}

/** All names, for messages and lists of choices. */
export const DTYPES = Object.keys(BYTES_PER_ELEMENT) as Dtype[]
