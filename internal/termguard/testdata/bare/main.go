// Command bare links the terminal library without the guard: what it writes is
// what the guard prevents.
package main

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"
)

func main() { fmt.Printf("linked=%T\n", tea.KeyEnter) }
