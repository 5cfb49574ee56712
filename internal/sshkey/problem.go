package sshkey

import "bbconnect/model"

// byHand are the commands for those who would rather not use ours.
const (
	byHandNew     = "ssh-keygen -t rsa -b 3072 -m PEM"
	byHandConvert = "ssh-keygen -p -m PEM -f copy_of_key"
)

func keyProblem(code, what, why, fix string) *model.Problem {
	return &model.Problem{Code: code, What: what, Why: why, Fix: fix, Field: model.QSSHKey}
}

func problemRequired() *model.Problem {
	return keyProblem("sshkey.required", "The private key is missing.", "",
		"Paste it, name its file, or make one here.")
}

func problemTooLong() *model.Problem {
	return keyProblem("sshkey.invalid", "This is too long to be a private key.",
		"The largest RSA keys take about 13 kB.", "Paste only the key, from its BEGIN line to its END line.")
}

func problemSeveral() *model.Problem {
	return keyProblem("sshkey.invalid", "This is more than one private key.",
		"A connector uses exactly one.", "Paste only the one whose public half is in Bitbucket.")
}

func problemDamaged(cause error) *model.Problem {
	p := keyProblem("sshkey.invalid", "This private key is not complete.",
		"Its BEGIN or END line or something between them is missing or was changed while it was copied.",
		"Copy the whole file again, or give its path instead of its text.")
	p.Cause = cause
	return p
}

func problemUnknown() *model.Problem {
	return keyProblem("sshkey.invalid", "This is not a private key.",
		"A key in PEM form begins with the line BEGIN RSA PRIVATE KEY between dashes.",
		"Paste the content of the private key's file, or make one: "+byHandNew+".")
}

func problemPublic(f Format) *model.Problem {
	what := "This is the public half of a key; the connector needs the private one."
	if f == FormatCertificate {
		what = "This is a certificate; the connector needs a private key."
	}
	return keyProblem("key.public", what, "The public half belongs in Bitbucket and proves nothing here.",
		"Paste the private key: the file beside it, without .pub at its end.")
}

func problemPuTTY() *model.Problem {
	return keyProblem("key.putty", "This is a key in PuTTY's own form, which Harness does not read.",
		"Harness wants PEM.",
		"In PuTTYgen load it and choose Conversions, Export OpenSSH key; or run: puttygen key.ppk -O private-openssh -o key.pem")
}

func problemCurve(cause error) *model.Problem {
	p := keyProblem("sshkey.invalid", "SSH has no use for this kind of key.",
		"SSH knows RSA, and ECDSA on the curves nistp256, nistp384 and nistp521.",
		"Make an RSA key: "+byHandNew+".")
	p.Cause = cause
	return p
}

// problemUnreadable is for hardware keys and DSA in OpenSSH's form.
func problemUnreadable() *model.Problem {
	return keyProblem("sshkey.invalid", "This key cannot be used by a connector.",
		"It needs a security key to be plugged in, or is of a kind that is no longer accepted.",
		"Make an RSA key: "+byHandNew+".")
}

func problemSlow() *model.Problem {
	return keyProblem("sshkey.invalid", "This key's encryption takes too long to open.",
		"It was made with an unusually high number of rounds (ssh-keygen -a).",
		"Change that by hand: "+byHandConvert)
}

func problemEnvelope() *model.Problem {
	return keyProblem("sshkey.invalid", "This key is encrypted in a way that cannot be opened here.",
		"Only PBES2 with PBKDF2 or scrypt, and AES or triple DES, is read.",
		"Convert it by hand: openssl rsa -in key -out key.pem -traditional")
}

func problemPassphraseMissing() *model.Problem {
	return &model.Problem{
		Code: "key.passphrase", What: "This key is encrypted, and its passphrase is missing.",
		Why: "Neither Harness nor the live test can use the key without it.",
		Fix: "Type the key's passphrase.", Field: model.QSSHPassphrase,
	}
}

func problemPassphraseWrong(cause error) *model.Problem {
	return &model.Problem{
		Code: "key.passphrase", What: "This passphrase does not open the key.",
		Why: "It belongs to another key, or has a typing error.",
		Fix: "Type the passphrase of this very key; try it with: ssh-keygen -y -f copy_of_key", Field: model.QSSHPassphrase,
		Cause: cause,
	}
}
