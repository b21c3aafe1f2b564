// Compresses and decompresses a field in WebAssembly: `node round_trip.mjs MODULE`.
import { readFileSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const { memory, tolzip_buffer, tolzip_compress, tolzip_decompress } = instance.exports;
const put = (bytes) => {
  const at = tolzip_buffer(bytes.length);
  new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
};
const get = (length) => new Uint8Array(memory.buffer, tolzip_buffer(length), length).slice();
const must = (what, holds) => {
  if (!holds) throw new Error(`${what} does not hold`);
};

const [rows, columns, bound] = [200, 300, 1e-3];
// Products and sums only: the same values on every machine.
const field = Float32Array.from({ length: rows * columns }, (_, i) => {
  const [x, y] = [(i % columns) / columns, Math.floor(i / columns) / rows];
  return x * (1 - x) * 4 + y * y * (1 - y) + ((i * 2654435761) % 1024) * 1e-6;
});
put(new Uint8Array(field.buffer));
const length = tolzip_compress(rows, columns, bound);
must("compression", length > 0 && length < field.byteLength / 4);
const stream = get(length);

put(stream);
must("the size", tolzip_decompress() === field.byteLength);
const back = new Float32Array(get(field.byteLength).buffer);
must("the bound", field.every((v, i) => Math.abs(v - back[i]) <= bound));

for (let at = 0; at < stream.length; at += 97) {
  const damaged = stream.slice();
  damaged[at] ^= 1;
  put(damaged);
  must("that damage is an error", tolzip_decompress() === -1);
}
put(stream.subarray(0, stream.length / 2));
must("that a half is an error", tolzip_decompress() === -1);
console.log(`wasm: ${field.byteLength} bytes -> ${length}, every value within ${bound}`);
