// Package document reads and writes Bitbucket connectors as text. Everything
// that turns a connector into bytes, or bytes into a connector, comes through
// here: the store, export, import, check and whatever talks to Harness.
//
// # What a document is
//
// A document is Harness's own YAML, a mapping with the key "connector", or the
// same thing as the JSON body of Harness's REST API. What Harness has no field
// for stands beside it under "x-bbconnect" and is dropped on export. The keys
// and their values follow Harness's published JSON schema for connectors
// (definitions BitbucketConnector, BitbucketAuthentication, BitbucketApiAccess).
//
// # Reading
//
// Text becomes a tree of nodes that know their lines, aliases are written out
// within a bound, known mistakes of other tools are mended in the tree, and one
// pass turns the tree into a model.Connector. Harness drops keys it does not
// know without a word, so that a misspelt key is a setting that silently does
// not exist; here every such key is a finding which names the key that was
// probably meant. Unknown keys stay in the text.
//
// # Writing
//
// Encode writes a new document in one canonical order. Edit changes an existing
// one: it compares the old connector with the new one as trees, applies only the
// difference to the tree of the text, and then carries only the changed lines
// over to the original text. Comments, blank lines, quoting and order of
// everything else stay as their author left them. Both are checked by reading
// the result back before it is returned.
package document
