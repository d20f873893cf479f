//go:build noasm || !amd64

package peak

func binaryLoops() []loop { return []loop{binaryGeneric} }

func floatLoops() []loop { return []loop{floatGeneric} }

func readers() []reader { return []reader{readerGeneric} }
