// Rows of a table, of which a piece is bound: `vocabulary` rows from `start` on.

// y = weight[ids]
//: kernel embeddingForward by values: writes y, reads weight #ids
fn embeddingForward(i: u32) {
  let id = ids[i / p.width] - p.start;
  if (id < p.vocabulary) {
    y[i] = weight[id * p.width + i % p.width];
  }
}

// dWeight[ids] += dy. The first row with an id adds up all rows with it, along
// `next`, in order, so that no two threads write to one place. Of `next` the low 31
// bits are the next row with this id; the high bit says that a row is not the first.
//: kernel embeddingBackward by rows: writes dWeight, reads dy #ids #next
const NOT_FIRST = 0x80000000u;

fn embeddingBackward(first: u32, lane: u32) {
  let id = ids[first] - p.start;
  if ((next[first] & NOT_FIRST) != 0u || id >= p.vocabulary) {
    return;
  }
  for (var c = lane; c < p.width; c += WORKGROUP) {
    var total = 0.0;
    for (var row = first; row < p.rows; row = next[row] & ~NOT_FIRST) {
      total += dy[row * p.width + c];
    }
    dWeight[id * p.width + c] += total;
  }
}
