package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A migration is what an incident is: so many connectors that share a few
// passwords, tested as many at a time as the program does by itself.
const (
	migratedConnectors = 500
	migratedSecrets    = 5
	migrateJobs        = 8
)

// migration measures taking connectors off their passwords: checking the new value,
// testing every connector with it, and the swap. It is compared with the sum of all
// the times the server took to answer, over the number of tests at a time.
func (b *bench) migration(ctx context.Context) ([]row, error) {
	git, err := findGit()
	if err != nil {
		return nil, err
	}
	server, err := b.startGitServer(ctx, git, serving{late: latency, recorded: true})
	if err != nil {
		return nil, err
	}
	defer server.close()
	job, err := b.incident(ctx, server)
	if err != nil {
		return nil, err
	}
	costs, err := server.costs(ctx, job)
	if err != nil {
		return nil, err
	}
	times, err := inTurn(ctx, b.few(), job)
	if err != nil {
		return nil, err
	}
	ideal := latency * time.Duration(costs[0].git+costs[0].rest) / migrateJobs
	return []row{{
		fmt.Sprintf("migrate %d connectors over %d secrets, %d at a time, answers after %d ms, vault and undo journal", migratedConnectors, migratedSecrets, migrateJobs, latency.Milliseconds()),
		medianMS(times[0]), "sum of the server's waits / jobs", medianMS([]time.Duration{ideal}), atMostTimes(1.25),
	}}, nil
}

// incident saves the connectors with their old passwords in the vault, and returns
// the migration of them all.
func (b *bench) incident(ctx context.Context, server *gitServer) (migrating, error) {
	home, err := b.save("incident", migratedConnectors, func(i int) string {
		text := overHTTP(server.repository(fmt.Sprintf("service-%04d", i)), server.user, true)
		return strings.ReplaceAll(text, "account.bench_token", oldSecret(i%migratedSecrets))
	})
	if err != nil {
		return migrating{}, err
	}
	passphrase := filepath.Join(home, "passphrase")
	if err := os.WriteFile(passphrase, []byte("correct horse battery\n"), 0o600); err != nil {
		return migrating{}, err
	}
	env := b.environment("BBCONNECT_HOME="+home, "BBCONNECT_VAULT_PASSPHRASE_FILE="+passphrase, tokenVariable+"="+server.password, "OLD_PASSWORD=of the account")
	ours := func(args ...string) command { return command{argv: append([]string{b.program}, args...), env: env} }
	migrate := []string{"migrate", "--yes", "--jobs", fmt.Sprint(migrateJobs)}
	for i := range migratedSecrets {
		set := ours("secret", "set", oldSecret(i), "--from", "env:OLD_PASSWORD", "--kind", "password", "--keystore", "vault")
		if _, err := set.once(ctx); err != nil {
			return migrating{}, err
		}
		migrate = append(migrate, "--secret", oldSecret(i)+"=env:"+tokenVariable)
	}
	return migrating{ours(migrate...), ours("migrate", "--undo")}, nil
}

func oldSecret(i int) string { return fmt.Sprintf("account.password_%d", i) }

// migrating is a migration that is taken back afterwards, outside of its time.
type migrating struct{ do, undo command }

func (m migrating) once(ctx context.Context) (time.Duration, error) {
	took, err := m.do.once(ctx)
	if err != nil {
		return took, err
	}
	_, err = m.undo.once(ctx)
	return took, err
}
