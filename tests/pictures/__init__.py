"""Pictures of what people see, drawn from the payloads that were really sent (`make pictures`)."""
