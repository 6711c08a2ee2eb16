//! Responsible for: writing a sender report with the sender's name (RFC 3550 sections 6.4.1 and 6.5).
//! Not responsible for: reading reports, or when one is due.

const VERSION: u8 = 2 << 6;
const SENDER_REPORT: u8 = 200;
const DESCRIPTION: u8 = 202;
const CNAME: u8 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderReport<'a> {
    pub ssrc: u32,
    /// Of one moment: seconds since 1900 and their fraction, and the stream's own time.
    pub ntp: u64,
    pub timestamp: u32,
    /// Sent so far; octets of payload.
    pub packets: u32,
    pub octets: u32,
    /// At most 255 bytes; a longer one is cut.
    pub name: &'a str,
}

impl SenderReport<'_> {
    /// Appends both packets, as a compound one.
    pub fn append(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[VERSION, SENDER_REPORT, 0, 6]);
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&self.ntp.to_be_bytes());
        for number in [self.timestamp, self.packets, self.octets] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        let name = self.name.as_bytes();
        let name = &name[..name.len().min(255)];
        // SSRC, kind, length, name, and at least one byte of zero behind the items.
        let length = (4 + 2 + name.len() + 1).next_multiple_of(4);
        out.extend_from_slice(&[VERSION | 1, DESCRIPTION, 0, (length / 4) as u8]);
        let end = out.len() + length;
        out.extend_from_slice(&self.ssrc.to_be_bytes());
        out.extend_from_slice(&[CNAME, name.len() as u8]);
        out.extend_from_slice(name);
        out.resize(end, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_and_a_name_are_whole_words_with_their_lengths() {
        for length in [0, 1, 2, 16, 255, 300] {
            let name = "n".repeat(length);
            let report = SenderReport {
                ssrc: 0x0102_0304,
                ntp: 0x1112_1314_1516_1718,
                timestamp: 5,
                packets: 6,
                octets: 7,
                name: &name,
            };
            let mut out = vec![];
            report.append(&mut out);
            assert_eq!(out[..8], [0x80, 200, 0, 6, 1, 2, 3, 4]);
            assert_eq!(
                out[8..28],
                [
                    0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0, 0, 0, 5, 0, 0, 0, 6, 0, 0, 0, 7
                ]
            );
            assert_eq!(out[28..30], [0x81, 202]);
            let words = u16::from_be_bytes([out[30], out[31]]);
            assert_eq!(out.len(), 28 + 4 + 4 * usize::from(words));
            assert_eq!(out[32..36], [1, 2, 3, 4]);
            assert_eq!(usize::from(out[37]), length.min(255));
            assert_eq!(out.last(), Some(&0), "the list of items has an end");
        }
    }
}
