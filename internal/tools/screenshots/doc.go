// Command screenshots makes the pictures of the documentation: it plays scripts
// (scripts/*.txt) with the real program, on a terminal of its own, against the
// Bitbucket that bbconnect try brings along, and draws what the terminal shows.
//
//	screenshots -program PATH -out FOLDER [-only NAME]
//
// For every picture a script names there are, in the folder,
//
//	NAME-80x24.txt, NAME-120x40.txt    the text of the screen
//	NAME-80x24-dark.png and so on      in both sizes, dark and light
//	NAME-80x24-dark.svg, -light.svg    in the size of the README
//
// and one GIF for a script with stills. SVG is there for one size only, since it
// can be enlarged. What the folder holds of pictures no script takes any more is
// removed.
//
// Every run gives the same bytes: the program's clock stands (BBCONNECT_CLOCK),
// its tokens and host keys are drawn from a seed, and package picture says why
// drawing depends on nothing else. The scripts are tests as well: go test plays
// them and fails where a screen differs from its committed text.
package main
