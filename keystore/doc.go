// Package keystore keeps the values of named secrets, and nothing else about
// them; and it seals the one file in which values leave a machine, a backup
// (SealBackup). A secret is known by its whole name (account/x, org/ORG/x,
// project/ORG/PROJ/x); what kind it is, when it expires and which login belongs
// to it stands in secrets.yaml, never here.
//
// There is one contract, Store, and five places behind it:
//
//   - Keyring: the keyring of the operating system. Its calls can block for ever,
//     panic or report success where nothing was written, so all of them go
//     through one guarded door: asked first whether anybody is there, one call at
//     a time, a deadline on each, and a read back after every write.
//   - Vault: one encrypted file in the age format, opened by a passphrase, for
//     machines without a keyring.
//   - Command: a program that the person names prints the value. Read only.
//   - Ask: the person is asked; the answer is remembered for the run and stored
//     nowhere.
//   - Memory: a map.
//
// Every error is either ErrNotFound, the context's own error after a
// cancellation, or a *model.Problem with a keystore.* or store.* code and a
// remedy. No error, log or command line ever carries a value.
package keystore
