//go:build !linux

package main

// peak is 0: this system does not tell it.
func peak(int) float64 { return 0 }
