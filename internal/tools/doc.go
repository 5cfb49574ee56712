// Package tools is the module of what builds and checks bbconnect and is no
// part of it: the linters, pinned in go.mod, and the programs in the folders
// here. It is a module of its own so that none of their dependencies reaches
// the product's.
package tools
