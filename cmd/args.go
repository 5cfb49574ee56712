package cmd

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// checkArgs makes whatever the validators of a command and of all below it say
// wrong usage, whichever library said it.
func checkArgs(c *cobra.Command) {
	if inner := c.Args; inner != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			err := inner(c, args)
			var already usageError
			if err == nil || errors.As(err, &already) {
				return err
			}
			return usage(c.CommandPath()+" --help shows how it is called.", "%s is called as: %s", c.CommandPath(), c.UseLine())
		}
	}
	for _, sub := range c.Commands() {
		checkArgs(sub)
	}
}

// noCommand says that a word names no command, and the one that was probably
// meant. The word is repeated only where it can be no secret.
func noCommand(c *cobra.Command, word string) error {
	fix := c.CommandPath() + " --help lists the commands."
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(word); len(near) > 0 {
		fix = "Perhaps you meant " + c.CommandPath() + " " + near[0] + "."
	}
	if len(word) > 20 {
		return usage(fix, "There is no such command.")
	}
	return usage(fix, "There is no command %s.", clean(word))
}

// group is a command that only holds others: alone it shows its help, with an
// unknown word it says so.
func group(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return noCommand(c, args[0])
	}
	return c.Help()
}

// flagError says what is wrong with a flag without repeating its value, which
// may be a secret in the wrong place. The errors of the flag library are told
// apart by what they can say, not by their words.
func flagError(c *cobra.Command, err error) string {
	var bad interface{ GetValue() string }
	if errors.As(err, &bad) {
		rest, _ := strings.CutPrefix(err.Error(), "invalid argument "+strconv.Quote(bad.GetValue())+" for ")
		if name, _, ok := strings.Cut(strings.TrimPrefix(rest, `"`), `" flag: `); ok && strings.HasPrefix(rest, `"`) {
			return "The value of " + clean(name) + " is not what it takes."
		}
		return "A flag's value is not what it takes."
	}
	var named interface {
		GetSpecifiedName() string
		GetSpecifiedShortnames() string
	}
	if !errors.As(err, &named) {
		return "The flags cannot be read."
	}
	name, dashes := named.GetSpecifiedName(), "--"
	known := c.Flag(name) != nil
	if len(name) == 1 {
		dashes, known = "-", c.Flags().ShorthandLookup(name) != nil
	}
	switch {
	case known:
		return dashes + name + " needs a value."
	case len(name) > 20:
		return "There is no such flag."
	}
	return "There is no flag " + dashes + clean(name) + "."
}

// laterCommands keep the names free of what later versions do.
func laterCommands() []*cobra.Command {
	var out []*cobra.Command
	for _, name := range []string{"harness"} {
		out = append(out, laterCommand(name, name))
	}
	return out
}

func laterCommand(name, whole string) *cobra.Command {
	return &cobra.Command{
		Use: name, Hidden: true, DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error { return notInThisVersion(whole) },
	}
}

func notInThisVersion(what string) error {
	return usage("bbconnect help lists what there is.", "%s is not in this version.", what)
}

// splitAnswer takes ID=VALUE apart. What has no "=" is never repeated in a
// message: it may be a secret.
func splitAnswer(text string) (id, value string, ok bool) {
	id, value, ok = strings.Cut(text, "=")
	return id, value, ok && id != ""
}
