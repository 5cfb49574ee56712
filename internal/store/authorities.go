package store

import (
	"bytes"
	"context"
	"encoding/pem"
	"strings"

	"bbconnect/model"
)

// TrustAuthority keeps certificates in a PEM file of our own, beside what was
// believed for their host before, and names that file in the settings. Blocks
// that are no certificate are not kept. A file the person named is read and left
// alone.
func (s *Store) TrustAuthority(ctx context.Context, a model.Authority) error {
	blocks := certificateBlocks([]byte(a.PEM))
	name := authorityFile(a.Host)
	if len(blocks) == 0 || name == "" {
		return &model.Problem{
			Code: "tls.unknown-ca", What: "The certificate cannot be remembered.", Why: "It is not in PEM format, or its host has no name a file can have.",
			Fix: "Name the authority's PEM file with --ca-file instead.",
		}
	}
	own := s.authorityPath(name)
	return s.changeSettings(ctx, func(settings *model.Settings) error {
		var bundle []byte
		if known := settings.CAFiles[a.Host]; known != "" {
			data, err := read(known, maxList)
			if err != nil {
				return err
			}
			bundle = data
		}
		for _, block := range blocks {
			bundle = withCertificate(bundle, block)
		}
		if err := write(own, bundle); err != nil {
			return err
		}
		if settings.CAFiles == nil {
			settings.CAFiles = map[string]string{}
		}
		settings.CAFiles[a.Host] = own
		return nil
	})
}

// certificateBlocks are the certificates of a PEM text.
func certificateBlocks(data []byte) []*pem.Block {
	var out []*pem.Block
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return out
		}
		if block.Type == "CERTIFICATE" {
			out = append(out, block)
		}
	}
}

// withCertificate adds a certificate to a bundle that does not hold it yet.
func withCertificate(bundle []byte, add *pem.Block) []byte {
	for rest := bundle; ; {
		var known *pem.Block
		if known, rest = pem.Decode(rest); known == nil {
			break
		}
		if bytes.Equal(known.Bytes, add.Bytes) {
			return bundle
		}
	}
	if len(bundle) > 0 && !bytes.HasSuffix(bundle, []byte("\n")) {
		bundle = append(bundle, '\n')
	}
	return append(bundle, pem.EncodeToMemory(&pem.Block{Type: add.Type, Bytes: add.Bytes})...)
}

// authorityFile is the name of a host's file: its letters, digits, dots and
// hyphens, with an underscore for the colons of an IPv6 address; "" for a host
// of which nothing is left.
func authorityFile(host string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '-':
			return r
		case r == ':':
			return '_'
		}
		return -1
	}, strings.ToLower(host))
	if strings.Trim(name, "._-") == "" {
		return ""
	}
	return "ca-" + name + ".pem"
}
