// Package play runs a program on a terminal of its own and acts on it as a
// person would, after a script.
//
// A script is a text, one step a line:
//
//	run try --fleet            starts the program with these arguments
//	wait 10 connectors         until the text is on the screen
//	gone Loading               until it is not
//	press ctrl+n tab           keys, one after another
//	type Payments              text, as from the keyboard
//	paste https://…            text, as from the clipboard
//	paste-token API token of … the token try has printed under that title
//	paste-key                  an SSH key in PEM form, the same in every run
//	picture home: the list     names the screen as it is now, with what it shows
//	still 80                   the screen as it is now, so many hundredths long
//	typing Payments            as type, with a still after each letter
//	at 80x24 press down        a step for one size of the window alone
//
// A step that needs the screen to have changed stands behind a wait for what it
// changes to; one that never comes is an error with the last screen in it, and one
// for what was there before the keys were pressed is an error at once. A
// picture is taken when nothing was drawn for a moment, since a frame may arrive
// in pieces.
package play
