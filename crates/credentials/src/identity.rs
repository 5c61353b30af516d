//! Who signs: a certificate with its chain, and its key.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use c2pa::SigningAlg;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use time::{Duration, OffsetDateTime};
use workprint_model::Digest;
use x509_parser::pem::Pem;
use x509_parser::x509::AlgorithmIdentifier;

use crate::CredentialsError;

/// The largest certificate or key file that is read.
const LIMIT: u64 = 1 << 20;
/// How long a certificate that is made here lasts. Without a timestamp a signature is worth something only
/// while its certificate lasts.
const LASTS: Duration = Duration::days(3653);
/// A certificate that lasts less long is replaced before something is signed with it.
const RENEWED: Duration = Duration::days(365);
/// What the certificate's key is for: signing C2PA claims, and for validators of before 2.1 documents
/// (RFC 9336).
const PURPOSES: [&[u64]; 2] = [
    &[1, 3, 6, 1, 4, 1, 62558, 2, 1],
    &[1, 3, 6, 1, 5, 5, 7, 3, 36],
];

const ROOT: &str = "root.pem";
const CHAIN: &str = "chain.pem";
const KEY: &str = "key.pem";

/// Who signs.
pub struct Identity {
    /// The certificate, then those that vouch for it, as PEM.
    pub(crate) chain: String,
    /// The key, as PEM of PKCS #8.
    pub(crate) key: String,
    pub(crate) algorithm: SigningAlg,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("certificate", &self.digest().short())
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// The one of a folder, made there the first time. `now` is in milliseconds since 1970.
    pub fn own(folder: &Path, now: i64) -> Result<Self, CredentialsError> {
        if !folder.join(CHAIN).exists() {
            make(folder, now)?;
        }
        let own = Self::read_own(folder)?;
        if own.until()? - at(now) > RENEWED {
            return Ok(own);
        }
        let worn = folder.with_extension("expired");
        drop(fs::remove_dir_all(&worn));
        fs::rename(folder, &worn).map_err(CredentialsError::file("replace", folder))?;
        make(folder, now)?;
        Self::read_own(folder)
    }

    fn read_own(folder: &Path) -> Result<Self, CredentialsError> {
        let key = folder.join(KEY);
        refuse_shared(&key)?;
        let chain = read(&folder.join(CHAIN))?;
        Self::of(chain, read(&key)?, &folder.join(CHAIN))
    }

    /// The root that vouches for the one of a folder, as PEM; nothing where none was made.
    pub fn own_root(folder: &Path) -> Option<String> {
        read(&folder.join(ROOT)).ok()
    }

    /// A certificate of somebody else's making, with those that vouch for it, and its key as PEM.
    pub fn configured(certificate: &Path, key: String) -> Result<Self, CredentialsError> {
        Self::of(read(certificate)?, key, certificate)
    }

    fn of(chain: String, key: String, path: &Path) -> Result<Self, CredentialsError> {
        let unusable = |why: &str, hint: &str| CredentialsError::Unusable {
            path: path.to_owned(),
            why: why.to_owned(),
            hint: hint.to_owned(),
        };
        let first = Pem::iter_from_buffer(chain.as_bytes()).next();
        let Some(Ok(first)) = first.filter(|pem| {
            pem.as_ref()
                .is_ok_and(|pem| pem.label.as_str() == "CERTIFICATE")
        }) else {
            return Err(unusable(
                "holds no certificate",
                "give a PEM file with the certificate first and those that vouch for it after it",
            ));
        };
        let parsed = first.parse_x509().map_err(|error| {
            unusable(
                &format!("holds a certificate that cannot be read: {error}"),
                "export it again as X.509 in PEM",
            )
        })?;
        let algorithm = algorithm(&parsed.tbs_certificate.subject_pki.algorithm);
        let Some(algorithm) = algorithm else {
            return Err(unusable(
                "has a key of a kind that content credentials are not signed with",
                "use a certificate for P-256, P-384, P-521, Ed25519 or RSA",
            ));
        };
        Ok(Self {
            chain,
            key,
            algorithm,
        })
    }

    /// The digest of its certificates: who signed, without who it is.
    pub fn digest(&self) -> Digest {
        Digest::of(self.chain.as_bytes())
    }

    /// When its certificate ends.
    fn until(&self) -> Result<OffsetDateTime, CredentialsError> {
        let broken = || CredentialsError::Key("the studio's certificate is damaged".to_owned());
        let pem = Pem::iter_from_buffer(self.chain.as_bytes()).next();
        let pem = pem.ok_or_else(broken)?.map_err(|_| broken())?;
        let certificate = pem.parse_x509().map_err(|_| broken())?;
        Ok(certificate.validity().not_after.to_datetime())
    }
}

/// How a key of a certificate signs: RFC 5480, 8410 and 8017.
fn algorithm(of: &AlgorithmIdentifier<'_>) -> Option<SigningAlg> {
    let curve = || {
        let parameters = of.parameters.as_ref()?;
        parameters.as_oid().ok().map(|oid| oid.to_id_string())
    };
    match of.algorithm.to_id_string().as_str() {
        "1.2.840.10045.2.1" => match curve()?.as_str() {
            "1.2.840.10045.3.1.7" => Some(SigningAlg::Es256),
            "1.3.132.0.34" => Some(SigningAlg::Es384),
            "1.3.132.0.35" => Some(SigningAlg::Es512),
            _ => None,
        },
        "1.3.101.112" => Some(SigningAlg::Ed25519),
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => Some(SigningAlg::Ps256),
        _ => None,
    }
}

fn at(ms: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(ms / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn read(path: &Path) -> Result<String, CredentialsError> {
    let fail = CredentialsError::file("read", path);
    let meta = match fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) => return Err(fail(error)),
    };
    if !meta.is_file() || meta.len() > LIMIT {
        let error = std::io::Error::other("it is no file of a certificate's or a key's size");
        return Err(fail(error));
    }
    fs::read_to_string(path).map_err(fail)
}

/// A key that others may read is no proof of anything.
#[cfg(unix)]
fn refuse_shared(key: &Path) -> Result<(), CredentialsError> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = fs::metadata(key).map_err(CredentialsError::file("read", key))?;
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(CredentialsError::Unusable {
            path: key.to_owned(),
            why: "may be read by others than its owner".to_owned(),
            hint: format!(
                "close it: `chmod 600 {}`; where somebody may have taken it, remove its folder, and a new key is made",
                key.display()
            ),
        });
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_shared(_: &Path) -> Result<(), CredentialsError> {
    Ok(())
}

/// Makes a key, its certificate and the root that vouches for it. The root's key is forgotten: nobody can
/// make another certificate of it. Where another process was faster, its folder stays.
fn make(folder: &Path, now: i64) -> Result<(), CredentialsError> {
    let write = CredentialsError::file("write", folder);
    let parent = folder.parent().unwrap_or(folder);
    let made = (|| {
        fs::create_dir_all(parent)?;
        let mut new = tempfile::Builder::new();
        #[cfg(unix)]
        new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        new.prefix(".credentials-").tempdir_in(parent)
    })();
    let new = match made {
        Ok(new) => new,
        Err(error) => return Err(write(error)),
    };
    let (root, chain, key) =
        generate(now).map_err(|error| CredentialsError::Key(error.to_string()))?;
    let files = [
        (ROOT, root, 0o644),
        (CHAIN, chain, 0o644),
        (KEY, key, 0o600),
    ];
    let written = files.into_iter().try_for_each(|(name, text, mode)| {
        private(&new.path().join(name), mode)?.write_all(text.as_bytes())
    });
    let moved = written.and_then(|()| fs::rename(new.path(), folder));
    match moved {
        Err(error) if !folder.join(CHAIN).exists() => Err(write(error)),
        _ => Ok(()),
    }
}

/// A new file that nobody else could open before its mode was set.
fn private(path: &PathBuf, mode: u32) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    options.open(path)
}

/// A root, a chain of one certificate that it vouches for, and its key, all as PEM, by the C2PA's profile
/// of certificates (specification 2.2, 14.5.1).
fn generate(now: i64) -> Result<(String, String, String), rcgen::Error> {
    let from = at(now) - Duration::days(1);
    let named = |name: &str, key: &KeyPair| -> Result<CertificateParams, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        let short = Digest::of(key.public_key_raw()).short();
        params
            .distinguished_name
            .push(DnType::CommonName, format!("{name} {short}"));
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Workprint, self-made");
        params.not_before = from;
        params.not_after = from + LASTS;
        Ok(params)
    };
    let root_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut root = named("Studio root", &root_key)?;
    root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut leaf = named("Studio", &key)?;
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = PURPOSES
        .iter()
        .map(|purpose| ExtendedKeyUsagePurpose::Other(purpose.to_vec()))
        .collect();
    let root_pem = root.self_signed(&root_key)?.pem();
    let issuer = Issuer::from_params(&root, &root_key);
    let leaf = leaf.signed_by(&key, &issuer)?;
    Ok((root_pem, leaf.pem(), key.serialize_pem()))
}
