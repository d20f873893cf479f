// Package cut cuts the result of a convolution into bands, each with enough work for a
// thread and little enough to stay in its caches.
package cut

// Layer is what the cutting depends on.
type Layer struct {
	Batch, H, W int     // of the result
	Weights     float64 // products of a pixel
	Work        float64 // least products of a band: some microseconds
	Cached      float64 // weights that stay in the L2 cache
	Stride      int     // rows of the map from a row of the result to the next
	Overlap     int64   // rows of the map that two bands copy both; 0 if bands are not copied
	Several     bool    // whether a band may be of several images
}

// Bands are some rows of an image each, or some whole images.
type Bands struct {
	Batch, H     int // of the result
	Rows, Images int // in a band, but for the last one
	PerImage     int // if not whole images are bands
	Count        int
	Parts        int // in which a band is computed
}

// Band is where a band is.
type Band struct{ Image, Images, Row, Rows int }

const (
	fewPixels  = 96  // least pixels of a band: few are in its last tile
	manyPixels = 192 // if weights come from memory beyond the L2 cache for each band
)

// New cuts a result whose channels are in some panels, for a number of threads.
func New(l Layer, panels, threads int) Bands {
	least := max(l.Work/max(l.Weights, 1), fewPixels)
	if l.Weights > l.Cached {
		least = max(least, manyPixels)
	}
	rows := int(min(least/float64(max(l.W, 1)), float64(l.H))) + 1
	// Of the rows of the map at most a third is copied twice.
	rows = max(rows, int(min(3*l.Overlap/int64(l.Stride), int64(l.H))))
	b := Even(l.Batch, l.H, max(l.H/rows, 1))
	if l.Several {
		b.Join(int(least)/max(l.H*l.W, 1) + 1)
	}
	if work := l.Weights * float64(b.Images*b.Rows*l.W); threads > 1 && work > 2*l.Work {
		b.Parts = max(min(4*threads/max(b.Count, 1), panels, int(work/l.Work)), 1)
	}
	return b
}

// Even cuts each image into at most perImage bands, all but the last of the same size.
func Even(batch, h, perImage int) Bands {
	b := Bands{Batch: batch, H: h, Rows: (h + perImage - 1) / perImage, Images: 1, Parts: 1}
	b.PerImage = (h + max(b.Rows, 1) - 1) / max(b.Rows, 1)
	b.Count = batch * b.PerImage
	return b
}

// Join makes bands of so many images, if bands are whole images.
func (b *Bands) Join(images int) {
	if b.PerImage == 1 {
		b.Images = min(images, max(b.Batch, 1))
		b.Count = (b.Batch + b.Images - 1) / b.Images
	}
}

// At is where a band is.
func (b *Bands) At(band int) Band {
	if b.PerImage == 1 {
		image := band * b.Images
		return Band{Image: image, Images: min(b.Images, b.Batch-image), Rows: b.H}
	}
	row := band % b.PerImage * b.Rows
	return Band{Image: band / b.PerImage, Images: 1, Row: row, Rows: min(b.Rows, b.H-row)}
}
