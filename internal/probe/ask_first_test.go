package probe

import (
	"io"
	"net"
	"testing"
)

func TestNothingIsHeardBeforeSomethingWasSaid(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	c := &askFirst{Conn: here, asked: make(chan struct{})}
	go func() { _, _ = io.WriteString(there, "220 ready") }()
	heard := make(chan string)
	go func() {
		p := make([]byte, 16)
		n, _ := c.Read(p)
		heard <- string(p[:n])
	}()
	select {
	case text := <-heard:
		t.Fatalf("%q was heard", text)
	default:
	}
	go func() { _, _ = io.Copy(io.Discard, there) }()
	if _, err := io.WriteString(c, "GET"); err != nil {
		t.Fatal(err)
	}
	if text := <-heard; text != "220 ready" {
		t.Errorf("%q", text)
	}
}

func TestAClosedConnectionKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	here, _ := net.Pipe()
	c := &askFirst{Conn: here, asked: make(chan struct{})}
	ended := make(chan error)
	go func() {
		_, err := c.Read(make([]byte, 1))
		ended <- err
	}()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("a closed connection was read")
	}
	_ = c.Close()
}
