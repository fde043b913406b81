package engine

const (
	maxDatagram = 1 << 16 // no UDP payload is longer
	kernelRoom  = 4 << 20 // socket buffers asked for; the kernel may give less
)
