// out = a · b or out += a · b: a block of 4x4 a thread in registers, without
// workgroup memory. For adapters that are CPUs.

const WORKGROUP = 64u;

//: kernel matmulPlain whole
@compute @workgroup_size(8, 8)
fn matmulPlain(@builtin(global_invocation_id) thread: vec3u) {
  let row = 4u * thread.y;
  let column = 4u * thread.x;
  if (row >= p.m || column >= p.n) {
    return;
  }
  // Named, not indexed, so that they stay in registers.
  var first = vec4f();
  var second = vec4f();
  var third = vec4f();
  var fourth = vec4f();
  for (var k = 0u; k < p.k; k += 4u) {
    let left = transpose(aBlock(row, k, p.k)); // a column a row of a
    let right = bBlock(column, k, p.k); // a column a k
    first += right * left[0];
    second += right * left[1];
    third += right * left[2];
    fourth += right * left[3];
  }
  store(0u, row, column, first);
  store(0u, row + 1u, column, second);
  store(0u, row + 2u, column, third);
  store(0u, row + 3u, column, fourth);
}
