package conf

import "fmt"

// Within is an error if the value of a key is not between low and up, in whatever unit the three are.
func Within(key string, value, low, up int64) error {
	if value < low || value > up {
		return fmt.Errorf("%s: %d: want %d to %d", key, value, low, up)
	}
	return nil
}
