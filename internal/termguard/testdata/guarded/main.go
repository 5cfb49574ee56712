// Command guarded links the terminal library as bbconnect does and says which
// TERM it sees once main runs.
package main

import (
	"fmt"
	"os"

	"bbconnect/internal/termguard"

	tea "github.com/charmbracelet/bubbletea"
)

func main() {
	termguard.Restore()
	term, set := os.LookupEnv("TERM")
	fmt.Printf("TERM=%q set=%t linked=%T\n", term, set, tea.KeyEnter)
}
