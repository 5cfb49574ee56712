// Command release makes what people install: for Linux, macOS and Windows, on
// amd64 and arm64, an archive with the program, its licence, its manual pages and
// its shell completions; .deb and .rpm packages; a Homebrew formula and a Scoop
// manifest; a list of everything that is inside (SBOM, CycloneDX); and the
// checksums of it all.
//
//	go -C internal/tools/release run . -source ../../.. -out ../../../dist -version v1.2.3
//
// The same source gives the same bytes, wherever and whenever it is built: every
// file carries the time of the commit, archives are written in a fixed order with
// no owner, and paths of the builder are trimmed. With -again everything is made a
// second time from a copy of the source in another folder, the program of this
// machine with nothing taken from the build cache, and the two are compared.
//
// It is a module of its own, so that the packaging library's many dependencies
// reach neither the product nor its linters.
package main
