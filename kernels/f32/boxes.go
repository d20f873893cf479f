package f32

import (
	"cmp"
	"slices"
)

// BoxLimits say which boxes SelectBoxes takes.
type BoxLimits struct {
	Most  int     // boxes of a class
	IoU   float32 // overlap with a selected box up to which a box is taken
	Score float32 // larger ones are taken
	// AnyScore takes all scores.
	AnyScore bool
}

// box has two corners, the smaller coordinates first.
type box struct{ x0, y0, x1, y1, area float32 }

// SelectBoxes appends, for each class of scores [classes, n], the boxes of [n, 4] that
// non-maximum suppression leaves, each as batch, class and index, from the largest score
// on; of equal scores the first comes first. With center a box is x, y of the center, width
// and height, else y and x of two opposite corners.
func SelectBoxes(selected []int64, batch int, boxes, scores []float32, center bool, limits BoxLimits) []int64 {
	n := len(boxes) / 4
	if n == 0 || limits.Most <= 0 {
		return selected
	}
	corners := make([]box, n)
	for i := range corners {
		corners[i] = makeBox([4]float32(boxes[4*i:]), center)
	}
	var order, taken []int
	for class := range len(scores) / n {
		row := scores[class*n : (class+1)*n]
		order, taken = order[:0], taken[:0]
		for i, s := range row {
			if limits.AnyScore || s > limits.Score {
				order = append(order, i)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(row[b], row[a]) })
		for _, i := range order {
			if len(taken) == limits.Most {
				break
			}
			b := &corners[i]
			if slices.ContainsFunc(taken, func(j int) bool { return b.overlaps(&corners[j], limits.IoU) }) {
				continue
			}
			taken = append(taken, i)
			selected = append(selected, int64(batch), int64(class), int64(i))
		}
	}
	return selected
}

func makeBox(v [4]float32, center bool) box {
	b := box{x0: min(v[1], v[3]), y0: min(v[0], v[2]), x1: max(v[1], v[3]), y1: max(v[0], v[2])}
	if center {
		w, h := v[2]/2, v[3]/2
		b = box{x0: v[0] - w, y0: v[1] - h, x1: v[0] + w, y1: v[1] + h}
	}
	b.area = (b.x1 - b.x0) * (b.y1 - b.y0)
	return b
}

// overlaps reports whether the area in common is more than limit of that of both together.
func (b *box) overlaps(c *box, limit float32) bool {
	w, h := min(b.x1, c.x1)-max(b.x0, c.x0), min(b.y1, c.y1)-max(b.y0, c.y0)
	common := float32(w * h)
	all := b.area + c.area - common
	return w > 0 && h > 0 && common > 0 && b.area > 0 && c.area > 0 && all > 0 && common/all > limit
}
