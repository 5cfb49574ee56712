package sshkey

import (
	"slices"
	"strings"
)

// Format is the form a key is written in. Whether it is encrypted is not part
// of the form; see Info.Encrypted.
type Format string

// The closed set of forms. FormatPEMRSA and FormatPEMEC are the ones Harness
// takes.
const (
	// FormatPEMRSA, FormatPEMEC and FormatPEMDSA are the traditional PEM forms
	// (PKCS#1, RFC 5915 and openssl's own for DSA).
	FormatPEMRSA Format = "pem-rsa"
	FormatPEMEC  Format = "pem-ec"
	FormatPEMDSA Format = "pem-dsa"
	// FormatPKCS8 is BEGIN PRIVATE KEY or BEGIN ENCRYPTED PRIVATE KEY (RFC 5958).
	FormatPKCS8 Format = "pkcs8"
	// FormatOpenSSH is BEGIN OPENSSH PRIVATE KEY (PROTOCOL.key of OpenSSH).
	FormatOpenSSH Format = "openssh"
	// FormatPuTTY is a .ppk file.
	FormatPuTTY Format = "putty"
	// FormatPublic is the public half, in any form.
	FormatPublic Format = "public"
	// FormatCertificate is an X.509 or an OpenSSH certificate.
	FormatCertificate Format = "certificate"
	// FormatSeveral is more than one private key.
	FormatSeveral Format = "several"
	// FormatDamaged is a private key of which a part is missing.
	FormatDamaged Format = "damaged"
	// FormatUnknown is anything else.
	FormatUnknown Format = "unknown"
)

// Detect recognises the form of a key from its text alone. It expects what
// Normalise returned; on a raw paste it errs towards FormatDamaged.
func Detect(text string) Format {
	if strings.Contains(text, "PuTTY-User-Key-File-") {
		return FormatPuTTY
	}
	blocks, torn := findBlocks(text)
	private := privateBlocks(blocks)
	switch {
	case len(private) > 1:
		return FormatSeveral
	case len(private) == 1:
		return formatOf(private[0].label)
	case torn:
		return FormatDamaged
	}
	for _, b := range blocks {
		switch {
		case strings.HasSuffix(b.label, "PUBLIC KEY"):
			return FormatPublic
		case strings.HasSuffix(b.label, "CERTIFICATE"):
			return FormatCertificate
		}
	}
	if f := detectPublicLine(text); f != FormatUnknown {
		return f
	}
	if looksLikeBody(text) {
		return FormatDamaged
	}
	return FormatUnknown
}

// formatOf maps a PEM label to its form, FormatUnknown for all others.
func formatOf(label string) Format {
	switch label {
	case "RSA PRIVATE KEY":
		return FormatPEMRSA
	case "EC PRIVATE KEY":
		return FormatPEMEC
	case "DSA PRIVATE KEY":
		return FormatPEMDSA
	case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY":
		return FormatPKCS8
	case "OPENSSH PRIVATE KEY":
		return FormatOpenSSH
	}
	return FormatUnknown
}

// detectPublicLine finds a line of a .pub or authorized_keys file: a key type
// followed by base64, with or without options before them.
func detectPublicLine(text string) Format {
	fields := strings.Fields(text)
	for i := range len(fields) - 1 {
		if !strings.HasPrefix(fields[i+1], "AAAA") {
			continue
		}
		switch name := strings.Trim(fields[i], `"'`); {
		case strings.HasSuffix(name, "-cert-v01@openssh.com"):
			return FormatCertificate
		case algorithmOf(name) != "":
			return FormatPublic
		}
	}
	return FormatUnknown
}

// algorithmOf names the algorithm of an SSH key type (RFC 4253, RFC 5656,
// RFC 8709, PROTOCOL.u2f of OpenSSH), "" for an unknown one.
func algorithmOf(keyType string) string {
	switch {
	case keyType == "ssh-rsa":
		return AlgorithmRSA
	case keyType == "ssh-dss":
		return AlgorithmDSA
	case keyType == "ssh-ed25519":
		return AlgorithmEd25519
	case strings.HasPrefix(keyType, "ecdsa-sha2-nistp"):
		return AlgorithmECDSA
	case strings.HasPrefix(keyType, "sk-ssh-ed25519"), strings.HasPrefix(keyType, "sk-ecdsa-sha2-"):
		return AlgorithmHardware
	}
	return ""
}

// looksLikeBody reports whether the text is the inside of a key whose BEGIN and
// END lines were not copied: base64 that starts like a DER sequence or like the
// OpenSSH magic.
func looksLikeBody(text string) bool {
	joined := strings.Join(strings.Fields(text), "")
	if len(joined) < 100 || strings.ContainsFunc(joined, notBase64) {
		return false
	}
	return slices.ContainsFunc([]string{"MII", "MHc", "MIG", "b3BlbnNzaC1rZXk"}, func(p string) bool {
		return strings.HasPrefix(joined, p)
	})
}

func notBase64(r rune) bool {
	return !(r == '+' || r == '/' || r == '=' || (r >= '0' && r <= '9') || (r >= 'A' && r <= 'Z') || (r >= 'a' && r <= 'z'))
}
