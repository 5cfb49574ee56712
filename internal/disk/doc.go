// Package disk keeps files whole. It knows where a person's files belong on
// each platform, replaces a file in one step, reads one no further than a
// limit, and lets several processes take turns.
//
// The rules every caller can rely on:
//
//   - A write that is killed at any moment leaves the old contents or the new
//     ones, never a mixture and never an empty file.
//   - What is written is readable by its owner alone (files 0600, folders
//     0700); on Windows the user's profile folder gives the same.
//   - Waiting for another process ends when the context does.
//
// The package knows nothing of connectors or secrets, and hands out plain
// errors that name the path; the rooms above turn them into remedies.
package disk
