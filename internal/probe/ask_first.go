package probe

import (
	"net"
	"sync"
)

// askFirst is a connection on which nothing is heard before something was said.
// A client of HTTP speaks first; what speaks SSH or SMTP does as well, and
// net/http would take that for an answer to nothing, write it to the standard
// log and close. Heard after the request, it is an answer that can be judged.
type askFirst struct {
	net.Conn
	once  sync.Once
	asked chan struct{}
}

// Read waits for the first Write, or Close.
func (c *askFirst) Read(p []byte) (int, error) {
	<-c.asked
	return c.Conn.Read(p)
}

// Write lets Read begin.
func (c *askFirst) Write(p []byte) (int, error) {
	c.release()
	return c.Conn.Write(p)
}

// Close lets Read begin as well, to find the connection closed.
func (c *askFirst) Close() error {
	err := c.Conn.Close()
	c.release()
	return err
}

func (c *askFirst) release() { c.once.Do(func() { close(c.asked) }) }
