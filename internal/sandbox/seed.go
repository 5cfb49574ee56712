package sandbox

// The seeded world. Two people matter everywhere: jdoe, who sets up connectors,
// and acme-ci, the build account that may only read. Everything else is there
// to be refused.

func seedPeople() []*person {
	return []*person{
		{
			product: Cloud, username: "jdoe", displayName: "Jane Doe", email: "jdoe@acme-corp.com",
			accountID: "557058:0a6f1f7c-5c1e-4f0c-9a57-3f5b2d1c9e01", uuid: "{7d3c0a52-5f2e-4a3e-8f43-0d8a0c2b1a11}",
		},
		{
			product: Cloud, username: "acme-ci", displayName: "Acme CI", email: "ci@acme-corp.com",
			accountID: "557058:2b7e3a90-1d4b-4c61-8e0d-6a9c4b8f7702", uuid: "{0b9b7a0e-62f8-4c39-9a06-5c1de62c9b22}",
		},
		{
			product: Cloud, username: "mallory", displayName: "Mallory Initech", email: "mallory@initech.example",
			accountID: "557058:91c0de44-7a15-4d6a-b7a3-b9f5e1a06603", uuid: "{c0a2f7c1-9be5-4cf1-8b34-2f1a9e0d7c33}",
		},
		{product: DataCenter, id: 102, username: "jdoe", displayName: "Jane Doe", email: "jdoe@acme-corp.com"},
		{product: DataCenter, id: 117, username: "acme-ci", displayName: "Acme CI", email: "ci@acme-corp.com"},
		{product: DataCenter, id: 230, username: "intern", displayName: "Ivy Intern", email: "intern@acme-corp.com", unlicensed: true},
	}
}

func seedWorkspaces() []*workspace {
	return []*workspace{
		{slug: "acme", name: "Acme Corp", uuid: "{f1a0c9d4-3c1b-4f1e-9b65-7a2f0d6e5a01}", members: []string{"jdoe", "acme-ci"}},
		{slug: "initech", name: "Initech", uuid: "{5e2b8f77-0c94-4d0a-a1d2-91b3c7f4e802}", members: []string{"mallory"}},
	}
}

func seedProjects() []*project {
	return []*project{
		{product: Cloud, owner: "acme", key: "PAY", name: "Payments"},
		{product: Cloud, owner: "acme", key: "WEB", name: "Web"},
		{product: Cloud, owner: "initech", key: "TPS", name: "TPS Reports"},
		{
			product: DataCenter, id: 1, key: "PAY", name: "Payments",
			access: map[string]permission{"jdoe": canAdmin, "acme-ci": canRead},
		},
		{
			product: DataCenter, id: 2, key: "OPS", name: "Operations",
			access: map[string]permission{"acme-ci": canRead},
		},
		{
			product: DataCenter, id: 3, key: "~jdoe", name: "Jane Doe",
			access: map[string]permission{"jdoe": canAdmin},
		},
	}
}

func seedRepositories() []*repository {
	both := map[string]permission{"jdoe": canAdmin, "acme-ci": canRead}
	own := map[string]permission{"jdoe": canAdmin}
	readers := map[string]permission{"jdoe": canRead, "acme-ci": canRead}
	return []*repository{
		{
			product: Cloud, owner: "acme", project: "PAY", slug: "ledger", name: "Ledger",
			uuid: "{31d6f0b2-8a51-4b43-9f0e-0f4b5e7c2a01}", access: both,
		},
		{
			product: Cloud, owner: "acme", project: "PAY", slug: "gateway", name: "Gateway",
			uuid: "{8c44e8d1-25b9-4b0a-8e6b-3a7d9f1c5b02}", access: readers,
		},
		{
			product: Cloud, owner: "acme", project: "WEB", slug: "website", name: "Website",
			uuid: "{a9f2c6e3-7d18-4d5c-b3c7-6e2f8a0b9d03}", access: both, public: true,
		},
		{
			product: Cloud, owner: "acme", project: "WEB", slug: "empty", name: "Empty",
			uuid: "{d27b1a94-4e63-4f7a-a5d8-1c9e3b6f8e04}", access: both, empty: true,
		},
		{
			product: Cloud, owner: "acme", project: "PAY", slug: "billing", name: "Billing",
			uuid: "{d27b1a94-4e63-4f7a-a5d8-1c9e3b6f8e05}", access: both, movedTo: "acme/ledger",
		},
		{
			product: Cloud, owner: "initech", project: "TPS", slug: "reports", name: "TPS Reports",
			uuid: "{e6b3d5f8-9c07-4a82-8d1f-7b0a2c4e6f05}", access: map[string]permission{"mallory": canAdmin},
		},
		{product: DataCenter, owner: "PAY", id: 11, slug: "ledger", name: "Ledger", access: both},
		{product: DataCenter, owner: "PAY", id: 12, slug: "gateway", name: "Gateway", access: readers},
		{product: DataCenter, owner: "PAY", id: 13, slug: "handbook", name: "Handbook", access: both, public: true},
		{product: DataCenter, owner: "PAY", id: 14, slug: "empty", name: "Empty", access: both, empty: true},
		{product: DataCenter, owner: "PAY", id: 15, slug: "billing", name: "Billing", access: both, movedTo: "PAY/ledger"},
		{
			product: DataCenter, owner: "OPS", id: 21, slug: "runbooks", name: "Runbooks",
			access: map[string]permission{"acme-ci": canRead},
		},
		{product: DataCenter, owner: "~jdoe", id: 31, slug: "dotfiles", name: "Dotfiles", access: own},
	}
}
