package cmd

// programs are what this test binary can be run as.
func programs() map[string]func() { return map[string]func(){"bbconnect": child} }
