//! The report of a study: one page that needs no network, readable in light and dark, on wide and narrow screens.

mod curves;
mod falls;
mod links;
mod markdown;
mod page;
mod pareto;
mod picture;
mod raster;
mod rates;
mod svg;
mod table;

pub use picture::Picture;
pub(crate) use picture::pictures;
pub use rates::{Curve, rate_distortion};

use crate::files::replace;
use crate::search::Study;
use std::io;
use std::path::Path;

/// Writes a study into a folder: `report.html`, its tables as `report.md`, `points.csv` with every setting that was trained on,
/// and the plot of quality against ratio as `front.svg` and `front.png`.
///
/// # Errors
/// Whatever the file system says.
pub fn write(folder: &Path, study: &Study) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    replace(&folder.join("points.csv"), table::csv(study))?;
    let plot = table::svg(study);
    if let Some(picture) = raster::png(&plot) {
        replace(&folder.join("front.png"), picture)?;
    }
    replace(&folder.join("front.svg"), plot)?;
    replace(&folder.join("report.md"), markdown::markdown(study))?;
    replace(&folder.join("report.html"), html(study))
}

/// The page as text.
#[must_use]
pub fn html(study: &Study) -> String {
    page::page(study)
}
