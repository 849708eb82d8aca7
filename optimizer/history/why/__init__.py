"""Why a station's cost moved from one night to another. Changed by how a difference is told apart."""
